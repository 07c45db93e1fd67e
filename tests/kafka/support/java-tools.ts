import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

const pom = resolve(import.meta.dirname, '../java/pom.xml');
const has = (command: string): boolean => spawnSync(command, ['-version'], { stdio: 'ignore' }).status === 0;

function cacheFolder(): string {
  if (process.env.XDG_CACHE_HOME) return process.env.XDG_CACHE_HOME;
  if (process.platform === 'win32') return process.env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local');
  return process.platform === 'darwin' ? join(homedir(), 'Library', 'Caches') : join(homedir(), '.cache');
}

export interface JavaTools {
  /** Starts one of Kafka's tools by its class below `org.apache.kafka.tools`. */
  start(tool: string, ...args: string[]): RunningTool;
  /** Runs it to its end. @returns what it printed. Rejects with that when it fails. */
  run(tool: string, ...args: string[]): Promise<string>;
  /** Ends those that still run: a test that failed may have left some. */
  stopAll(): Promise<void>;
}

export interface RunningTool {
  output(): string;
  /** Resolves when the output matches. Rejects when the tool ends before. */
  prints(pattern: RegExp): Promise<void>;
  write(text: string): void;
  ended: Promise<{ code: number | null; output: string }>;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Kafka's tools of this version, downloaded once into the user's cache folder; or why they cannot be had. */
export function findJavaTools(version: string): JavaTools | { readonly missing: string } {
  if (!has('java')) return { missing: 'no java on this machine' };
  const libs = join(cacheFolder(), 'flotilla', `kafka-tools-${version}`);
  if (!existsSync(libs)) {
    if (!has('mvn')) return { missing: `no mvn on this machine, and no tools in ${libs}` };
    const download = `${libs}.${process.pid}`;
    const args = [
      '-q',
      '-B',
      '-f',
      pom,
      'dependency:copy-dependencies',
      `-DoutputDirectory=${download}`,
      `-Dkafka.version=${version}`,
    ];
    const { status, stdout, stderr } = spawnSync('mvn', args, { encoding: 'utf8' });
    if (status !== 0) {
      rmSync(download, { recursive: true, force: true });
      return { missing: `mvn could not download them: ${`${stdout}${stderr}`.split('\n')[0]}` };
    }
    renameSync(download, libs);
  }
  const running = new Set<RunningTool>();
  const start = (tool: string, ...args: string[]): RunningTool => {
    const started = startTool(libs, tool, args);
    running.add(started);
    void started.ended.then(() => running.delete(started));
    return started;
  };
  return {
    start,
    async run(tool, ...args) {
      const { code, output } = await start(tool, ...args).ended;
      if (code !== 0) throw new Error(`${tool} ${args.join(' ')} exited with ${code}: ${output}`);
      return output;
    },
    async stopAll() {
      await Promise.all([...running].map((tool) => tool.stop('SIGKILL')));
    },
  };
}

function startTool(libs: string, tool: string, args: readonly string[]): RunningTool {
  const flags = [
    '-Xmx256m',
    '-XX:TieredStopAtLevel=1',
    '-XX:+UseSerialGC',
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  ];
  const command = [...flags, '-cp', join(libs, '*'), `org.apache.kafka.tools.${tool}`, ...args];
  const child: ChildProcess = spawn('java', command, { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  const checks = new Set<() => void>();
  const hear = (text: Buffer): void => {
    output += text.toString();
    for (const check of [...checks]) check();
  };
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  child.stdin?.on('error', () => {});
  const ended = once(child, 'close').then(([code]) => ({ code: typeof code === 'number' ? code : null, output }));
  return {
    output: () => output,
    ended,
    write: (text) => void child.stdin?.end(text),
    prints: (pattern) =>
      new Promise((done, fail) => {
        const check = (): void => {
          if (!pattern.test(output)) return;
          checks.delete(check);
          done();
        };
        checks.add(check);
        check();
        void ended.then(() => fail(new Error(`${tool} ended without printing ${pattern}: ${output}`)));
      }),
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await ended;
    },
  };
}
