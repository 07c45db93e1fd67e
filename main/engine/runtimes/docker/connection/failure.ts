import type { BrokenPlace, Candidate } from './candidates.ts';
import { addressText } from './engine-address.ts';
import type { Machine } from './machine.ts';

/** Why a place did not answer, and what to do about it. */
export interface Attempt {
  readonly source: string;
  readonly address: string | null;
  readonly problem: string;
  readonly remedy: string;
  /** There is nothing at this place, which is worth a word only when there is nothing anywhere. */
  readonly absent: boolean;
}

export const TIMED_OUT = 'TIMED_OUT';
export const WINDOWS_CONTAINERS = 'WINDOWS_CONTAINERS';

/** What the failure of a place means to a person. */
export function attemptOf(candidate: Candidate, error: unknown, machine: Machine): Attempt {
  const { source } = candidate;
  const address = addressText(candidate.address);
  return { source, address, absent: false, ...explain(candidate, codeOf(error), messageOf(error), machine) };
}

export function brokenAttempt({ source, problem, remedy }: BrokenPlace): Attempt {
  return { source, address: null, problem, remedy, absent: false };
}

type Explained = Pick<Attempt, 'problem' | 'remedy'> & Partial<Pick<Attempt, 'absent'>>;

function explain(candidate: Candidate, code: string, message: string, machine: Machine): Explained {
  const { address } = candidate;
  const start = startRemedy(machine);
  if (code === TIMED_OUT) {
    return {
      problem: `it does not answer within ${message}`,
      remedy: `It may be starting or stuck. ${restartRemedy(machine)}`,
    };
  }
  if (code === WINDOWS_CONTAINERS) {
    const remedy = 'Choose "Switch to Linux containers" in the menu of Docker Desktop.';
    return { problem: 'it runs Windows containers, not Linux ones', remedy };
  }
  if (address.kind === 'ssh') return sshFailure(message, address.host);
  if (address.kind === 'tcp') return tcpFailure(candidate, code, message);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return { problem: `there is no socket ${address.path}`, remedy: start, absent: true };
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return { problem: `you have no right to use ${address.path}`, remedy: permissionRemedy(machine) };
  }
  if (code === 'ECONNREFUSED') return { problem: `nothing listens at ${address.path}`, remedy: start };
  return { problem: message, remedy: restartRemedy(machine) };
}

function permissionRemedy({ platform, environment }: Machine): string {
  if (platform === 'linux') {
    const user = environment.USER || '$USER';
    return `Join the group docker with: sudo usermod -aG docker ${user}, then log out and in again (or run: newgrp docker).`;
  }
  if (platform === 'darwin') return 'Start Docker Desktop as yourself, or correct who owns the socket.';
  return 'Add yourself to the group docker-users and sign in again.';
}

function startRemedy({ platform }: Machine): string {
  if (platform === 'linux') {
    return 'Start it with: sudo systemctl start docker. To install one, see https://docs.docker.com/engine/install.';
  }
  const choice = platform === 'darwin' ? 'Docker Desktop, OrbStack, Colima or Podman' : 'Docker Desktop or Podman';
  return `Start ${choice}; install one of them if there is none.`;
}

function restartRemedy({ platform }: Machine): string {
  if (platform === 'linux') return 'Restart it with: sudo systemctl restart docker';
  return 'Restart it from its menu.';
}

function sshFailure(message: string, host: string): Explained {
  const line = message.split('\n').at(-1) ?? message;
  if (/ENOENT/.test(message)) return { problem: 'the command ssh was not found', remedy: 'Install an OpenSSH client.' };
  if (/docker: (command )?not found|command not found: docker/.test(message)) {
    return { problem: `${host} has no docker command: ${line}`, remedy: `Install Docker's command line on ${host}.` };
  }
  return {
    problem: `ssh says: ${line}`,
    remedy: `See that this works without a password being asked for: ssh ${host} docker version`,
  };
}

function tcpFailure({ tls }: Candidate, code: string, message: string): Explained {
  if (tls !== null && /^(CERT_|ERR_TLS|ERR_SSL|ERR_OSSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(code)) {
    const remedy = `See that ca.pem, cert.pem and key.pem in ${tls.folder} are those of this engine and still valid.`;
    return { problem: `TLS failed: ${message}`, remedy };
  }
  if (code === 'ENOENT') return { problem: message, remedy: 'Correct DOCKER_CERT_PATH, or unset it.' };
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return { problem: 'its host is not known', remedy: 'Correct its name.' };
  if (code === 'ECONNREFUSED')
    return { problem: 'nothing listens there', remedy: 'Start the engine, or correct the address.' };
  if (
    /Client sent an HTTP request to an HTTPS server|Parse Error|socket hang up|ECONNRESET/.test(`${message} ${code}`) &&
    tls === null
  ) {
    const remedy = 'If the engine wants TLS, set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH.';
    return { problem: `what answers is not a Docker engine, or wants TLS (${message})`, remedy };
  }
  return { problem: message, remedy: 'See that the engine runs and that this machine may reach it.' };
}

/** All attempts as one sentence, and the remedy of the one that was meant most. */
export function summary(attempts: readonly Attempt[], machine: Machine): { reason: string; remedy: string } {
  const telling = attempts.filter((one) => !one.absent);
  if (telling.length === 0) {
    const [first] = attempts;
    const others =
      machine.platform === 'win32'
        ? ''
        : ', nor where Docker Desktop, OrbStack, Colima, Rancher Desktop or Podman put theirs';
    return {
      reason: `no Docker engine was found: ${first?.problem ?? 'no place is known'}${others}`,
      remedy: startRemedy(machine),
    };
  }
  const told = telling.map(({ source, problem }) => `${source}: ${problem}`);
  return { reason: `no Docker engine answers (${told.join('; ')})`, remedy: telling[0]?.remedy ?? '' };
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code ?? '');
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message || codeOf(error) : String(error);
  return text.trim();
}
