import type { Pressure } from './runtime.ts';

/** What a program of pressure is written for: it has to be there. */
export const PRESSURE_TOOLS = ['sh', 'node', 'python3'] as const;
export type PressureTool = (typeof PRESSURE_TOOLS)[number];

// Each keeps a part of a core busy, or holds memory that it has written to, until its time is over. Words after the script: the
// name by which it is found again, and what it is to do. 0 for the time left: without end.

/** Load in percent, milliseconds left. In turns of 100 ms. */
const NODE_CPU = `
const [, load, left] = process.argv.slice(1).map(Number);
const end = left > 0 ? Date.now() + left : Infinity;
const turn = () => {
  const began = Date.now();
  if (began >= end) process.exit();
  while (Date.now() - began < load) {}
  if (load < 100) setTimeout(turn, 100 - load);
  else setImmediate(turn);
};
turn();`;

/** Bytes, milliseconds left. Memory that was written to is there; it is touched again, so that it is not swapped out first. */
const NODE_MEMORY = `
const [, bytes, left] = process.argv.slice(1).map(Number);
const held = [];
for (let at = 0; at < bytes; at += 16777216) held.push(Buffer.alloc(Math.min(16777216, bytes - at), 1));
setInterval(() => { for (const one of held) for (let at = 0; at < one.length; at += 4096) one[at]++; }, 1000);
if (left > 0) setTimeout(() => process.exit(), Math.min(left, 2147483647));`;

/** /proc/uptime has hundredths of a second and is read without starting a program. In turns of a second. */
const SH_CPU = `
now() { read u _ </proc/uptime; u=\${u%.*}\${u#*.}; u=\${u#0}; }
now; left=$((($2+9)/10)); end=$((u+left)); rest=$((100-$1))
while [ $left -eq 0 ] || [ $u -lt $end ]; do
  until=$((u+$1)); while [ $u -lt $until ]; do now; done
  [ $rest -gt 0 ] && { [ $rest -lt 10 ] && sleep 0.0$rest || sleep 0.$rest; }
  now
done`;

/** tail keeps what has no line end until its input ends. */
const SH_MEMORY = `
left=$((($2+999)/1000)); [ $left -gt 0 ] || left=31536000
{ head -c $1 /dev/zero; sleep $left; } | tail -n 1 >/dev/null`;

const PYTHON_CPU = `
import sys, time
load, left = float(sys.argv[2]) / 1000, float(sys.argv[3]) / 1000
end = time.time() + left if left > 0 else float('inf')
while time.time() < end:
    began = time.time()
    while time.time() - began < load: pass
    if load < 0.1: time.sleep(0.1 - load)`;

const PYTHON_MEMORY = `
import sys, time
held = bytearray(b'1') * int(sys.argv[2])
left = float(sys.argv[3]) / 1000
time.sleep(left if left > 0 else 31536000)`;

/** What a program's command line holds, whoever looks for it. */
export const pressureMark = (faultId: string): string => `flotilla-fault-${faultId}`;

/** The command lines of the programs that a pressure is, for a tool that is there. */
export function pressureCommands(pressure: Pressure, tool: PressureTool, nowMs: number): string[][] {
  const { what, faultId, untilMs } = pressure;
  const left = untilMs === null ? '0' : String(Math.max(1, Math.round(untilMs - nowMs)));
  const isCpu = what.kind === 'cpu';
  const amount = isCpu ? String(Math.max(1, Math.round(what.loadPercent))) : String(Math.round(what.bytes));
  const mark = pressureMark(faultId);
  const command =
    tool === 'node'
      ? ['node', '-e', isCpu ? NODE_CPU : NODE_MEMORY, mark, amount, left]
      : tool === 'sh'
        ? ['sh', '-c', isCpu ? SH_CPU : SH_MEMORY, mark, amount, left]
        : ['python3', '-c', isCpu ? PYTHON_CPU : PYTHON_MEMORY, mark, amount, left];
  return Array.from({ length: isCpu ? what.workers : 1 }, () => command);
}

/**
 * Ends every process in a container whose command line has this name, with its group; the name is put together so as not to find
 * itself.
 */
const SH_END = `
for p in /proc/[0-9]*; do
  line=; { while read -r part || [ -n "$part" ]; do line=$line$part; done <$p/cmdline; } 2>/dev/null
  case $line in *flotilla-fault-$1*) kill -9 -\${p#/proc/} \${p#/proc/} 2>/dev/null ;; esac
done
exit 0`;

const NODE_END = `
const fs = require('fs');
for (const pid of fs.readdirSync('/proc').filter((name) => +name > 0)) {
  try {
    const line = fs.readFileSync('/proc/' + pid + '/cmdline', 'latin1');
    if (+pid !== process.pid && line.includes('flotilla-fault-' + process.argv[1])) process.kill(+pid, 'SIGKILL');
  } catch {}
}`;

const PYTHON_END = `
import os, signal, sys
for pid in filter(str.isdigit, os.listdir('/proc')):
    try:
        line = open('/proc/' + pid + '/cmdline').read()
        if int(pid) != os.getpid() and 'flotilla-fault-' + sys.argv[1] in line: os.kill(int(pid), signal.SIGKILL)
    except OSError: pass`;

/** Ends the programs of a fault from inside the container. */
export function relieveCommand(faultId: string, tool: PressureTool): string[] {
  if (tool === 'node') return ['node', '-e', NODE_END, faultId];
  return tool === 'sh' ? ['sh', '-c', SH_END, 'sh', faultId] : ['python3', '-c', PYTHON_END, faultId];
}
