interface Ends {
  readonly from: string;
  readonly to: string;
}

/**
 * Whether a call goes over a line of the topology, whose ends may lie in services (`owner`): a call to a topic or database is one to
 * its server, and what comes from a topic was asked of its broker by who consumes it.
 */
export function isCallOver(line: Ends, owner: (id: string) => string | null | undefined, call: Ends): boolean {
  const [left, right] = [owner(line.from), owner(line.to)];
  return (left === call.from && right === call.to) || (left === call.to && right === call.from && line.from !== left);
}
