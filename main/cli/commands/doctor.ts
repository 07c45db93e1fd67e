import type { Command } from 'commander';
import { examine, type Finding } from '../doctor.ts';
import { jsonOption } from '../options.ts';
import { paint, print } from '../output.ts';

const marks = { ok: ['green', '✓'], note: ['yellow', '!'], problem: ['red', '✗'] } as const;

function text(findings: readonly Finding[]): string {
  return findings
    .map(({ status, name, found, remedy }) => {
      const [colour, mark] = marks[status];
      return `${paint(colour, mark)} ${name.padEnd(20)} ${found}${remedy ? `\n  ${' '.repeat(20)} → ${remedy}` : ''}`;
    })
    .join('\n');
}

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('what was found on this machine, and what to do about what is missing')
    .addOption(jsonOption())
    .action(async ({ json }: { json: boolean }) => {
      const findings = await examine();
      print(json, findings, () => text(findings));
      if (findings.some((one) => one.status === 'problem')) process.exitCode = 1;
    });
}
