import { Command, CommanderError } from 'commander';
import { VERSION } from '../contract/index.ts';
import { addAttach } from './commands/attach.ts';
import { addDoctor } from './commands/doctor.ts';
import { addDown } from './commands/down.ts';
import { addExec } from './commands/exec.ts';
import { addExperiment } from './commands/experiment.ts';
import { addFault } from './commands/fault.ts';
import { addKafka } from './commands/kafka.ts';
import { addLinks } from './commands/links.ts';
import { addLogs } from './commands/logs.ts';
import { addMetrics } from './commands/metrics.ts';
import { addServices } from './commands/services.ts';
import { addStatus } from './commands/status.ts';
import { addTopology } from './commands/topology.ts';
import { addTraces } from './commands/traces.ts';
import { addUp } from './commands/up.ts';
import { note, printError } from './output.ts';

const USAGE = 2;

function buildProgram(): Command {
  const program = new Command('flotilla')
    .description('Starts a microservice fleet on this machine, shows it live and breaks it on purpose.')
    .version(VERSION)
    .exitOverride()
    .configureHelp({ sortSubcommands: false })
    .showHelpAfterError('(flotilla --help lists the commands)');
  for (const add of [
    addUp,
    addAttach,
    addDown,
    addStatus,
    addServices,
    addTopology,
    addLinks,
    addLogs,
    addTraces,
    addMetrics,
    addKafka,
    addFault,
    addExperiment,
    addExec,
    addDoctor,
  ]) {
    add(program);
  }
  return program;
}

/** Exit status: 0 success, 1 a failure that it explains, 2 bad usage. */
async function main(argv: string[]): Promise<number> {
  try {
    await buildProgram().parseAsync(argv);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.code.startsWith('flotilla.')) note(`${error.message}\nflotilla --help lists the commands.`);
      return error.exitCode === 0 ? 0 : USAGE;
    }
    printError(argv.includes('--json'), error);
    return 1;
  }
}

// A reader that has seen enough (`| head`) closes the pipe; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await main(process.argv);
