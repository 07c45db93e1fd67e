import { describe, expect, it } from 'vitest';
import { engineError, engineWords, isGone, startTrouble } from './docker-errors.ts';

describe('engineWords', () => {
  it.each([
    [Object.assign(new Error('(HTTP code 500) server error - no space left'), { statusCode: 500 }), 'no space left'],
    [
      Object.assign(new Error('(HTTP code 404) no such image - x'), { json: { message: 'No such image: x.' } }),
      'No such image: x',
    ],
    [
      new Error('pull access denied for x,\n  may require docker login.\n'),
      'pull access denied for x, may require docker login',
    ],
    [{ message: 'not an error' }, 'not an error'],
    ['only words', 'only words'],
    [null, 'null'],
    [new Error('x'.repeat(5000)), 'x'.repeat(1000)],
  ])('of %s', (error, words) => {
    expect(engineWords(error)).toBe(words);
  });
});

describe('startTrouble', () => {
  it.each([
    'failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "no-such": executable file not found in $PATH: unknown',
    'OCI runtime create failed: container_linux.go:380: starting container process caused: exec: "no-such": stat no-such: no such file or directory: unknown',
    'failed to create task: exec: "no-such": permission denied: unknown',
    'crun: executable file `no-such` not found in $PATH: No such file or directory: OCI runtime attempted to invoke a command that was not found',
  ])('finds the command that is missing in: %s', (words) => {
    expect(startTrouble(words)).toEqual({ kind: 'command', command: 'no-such' });
  });

  it.each([
    ['Error starting userland proxy: listen tcp4 127.0.0.1:34567: bind: address already in use', 34567],
    ['Bind for 0.0.0.0:8080 failed: port is already allocated', 8080],
    ['Ports are not available: exposing port TCP 127.0.0.1:5432 -> 0.0.0.0:0: listen tcp', 5432],
    ['rootlessport listen tcp 0.0.0.0:80: bind: address already in use', 80],
  ])('finds the port that is taken in: %s', (words, port) => {
    expect(startTrouble(words)).toEqual({ kind: 'port', port });
  });

  it('leaves other words as they are', () => {
    expect(startTrouble('no space left on device')).toEqual({ kind: 'other' });
  });
});

describe('engineError', () => {
  it('tells an engine that is gone from one that refuses', () => {
    const gone = Object.assign(new Error('connect ENOENT /var/run/docker.sock'), { code: 'ENOENT' });
    expect(isGone(gone)).toBe(true);
    expect(engineError(gone, 'a-1')).toMatchObject({ code: 'RUNTIME_UNAVAILABLE' });
    const refused = Object.assign(new Error('(HTTP code 409) conflict - in use'), { statusCode: 409 });
    expect(isGone(refused)).toBe(false);
    expect(engineError(refused, 'a-1')).toMatchObject({ code: 'CONTAINER_REFUSED', details: { detail: 'in use' } });
  });
});
