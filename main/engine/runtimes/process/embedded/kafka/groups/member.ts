export interface Protocol {
  readonly name: string;
  readonly metadata: Buffer;
}

export interface JoinAnswer {
  readonly errorCode: number;
  readonly generationId: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly leader: string;
  readonly skipAssignment: boolean;
  readonly memberId: string;
  readonly members: readonly { memberId: string; groupInstanceId: string | null; metadata: Buffer }[];
}

export interface SyncAnswer {
  readonly errorCode: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly assignment: Buffer;
}

export interface MemberOptions {
  readonly id: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocols: readonly Protocol[];
}

const NO_BYTES = Buffer.alloc(0);

/** One member of a consumer group, with the answers that it waits for and the clock of its session. */
export class Member {
  id: string;
  readonly instanceId: string | null;
  clientId: string;
  clientHost: string;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  protocols: readonly Protocol[];
  assignment: Buffer = NO_BYTES;
  private joinWaiter: ((answer: JoinAnswer) => void) | null = null;
  private syncWaiter: ((answer: SyncAnswer) => void) | null = null;
  private session: NodeJS.Timeout | null = null;

  constructor(options: MemberOptions) {
    this.id = options.id;
    this.instanceId = options.instanceId;
    this.clientId = options.clientId;
    this.clientHost = options.clientHost;
    this.sessionTimeoutMs = options.sessionTimeoutMs;
    this.rebalanceTimeoutMs = options.rebalanceTimeoutMs;
    this.protocols = options.protocols;
  }

  update(options: MemberOptions): void {
    this.clientId = options.clientId;
    this.clientHost = options.clientHost;
    this.sessionTimeoutMs = options.sessionTimeoutMs;
    this.rebalanceTimeoutMs = options.rebalanceTimeoutMs;
    this.protocols = options.protocols;
  }

  speaks(protocol: string): boolean {
    return this.protocols.some(({ name }) => name === protocol);
  }

  hasProtocols(protocols: readonly Protocol[]): boolean {
    return (
      protocols.length === this.protocols.length &&
      protocols.every(({ name, metadata }, index) => {
        const own = this.protocols[index];
        return own?.name === name && own.metadata.equals(metadata);
      })
    );
  }

  metadataFor(protocol: string | null): Buffer {
    return this.protocols.find(({ name }) => name === protocol)?.metadata ?? NO_BYTES;
  }

  get awaitsJoin(): boolean {
    return this.joinWaiter !== null;
  }

  get awaitsSync(): boolean {
    return this.syncWaiter !== null;
  }

  /** While it waits to join, a member cannot send heartbeats: its session does not run. A second call ends the first. */
  awaitJoin(superseded: JoinAnswer): Promise<JoinAnswer> {
    this.answerJoin(superseded);
    this.stopSession();
    return new Promise((resolve) => {
      this.joinWaiter = resolve;
    });
  }

  answerJoin(answer: JoinAnswer): void {
    const waiter = this.joinWaiter;
    this.joinWaiter = null;
    waiter?.(answer);
  }

  awaitSync(superseded: SyncAnswer): Promise<SyncAnswer> {
    this.answerSync(superseded);
    return new Promise((resolve) => {
      this.syncWaiter = resolve;
    });
  }

  answerSync(answer: SyncAnswer): void {
    const waiter = this.syncWaiter;
    this.syncWaiter = null;
    waiter?.(answer);
  }

  /** Starts the session's clock, or sets it back; `expired` is called unless that happens in time. */
  startSession(expired: () => void): void {
    this.stopSession();
    this.session = setTimeout(expired, this.sessionTimeoutMs);
  }

  stopSession(): void {
    if (this.session !== null) clearTimeout(this.session);
    this.session = null;
  }
}
