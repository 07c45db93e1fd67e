import type Long from 'long';

/** Messages as protobufjs decodes them: fields that were not sent have their default by the prototype. */
export interface AnyValue {
  /** Which member of the oneof is set. */
  readonly value?: string;
  readonly stringValue: string;
  readonly boolValue: boolean;
  readonly intValue: Long;
  readonly doubleValue: number;
  readonly arrayValue: { readonly values: readonly AnyValue[] } | null;
  readonly kvlistValue: { readonly values: readonly KeyValue[] } | null;
  readonly bytesValue: Uint8Array;
}

export interface KeyValue {
  readonly key: string;
  readonly value: AnyValue | null;
}

export interface ResourceMessage {
  readonly attributes: readonly KeyValue[];
}

export interface ScopeMessage {
  readonly name: string;
}

export interface LogRecordMessage {
  readonly timeUnixNano: Long;
  readonly observedTimeUnixNano: Long;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: AnyValue | null;
  readonly attributes: readonly KeyValue[];
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly eventName: string;
}

export interface LogsRequest {
  readonly resourceLogs: readonly {
    readonly resource: ResourceMessage | null;
    readonly scopeLogs: readonly {
      readonly scope: ScopeMessage | null;
      readonly logRecords: readonly LogRecordMessage[];
    }[];
  }[];
}

interface PointMessage {
  readonly startTimeUnixNano: Long;
  readonly timeUnixNano: Long;
  readonly attributes: readonly KeyValue[];
  readonly flags: number;
}

export interface NumberPoint extends PointMessage {
  readonly value?: 'asDouble' | 'asInt';
  readonly asDouble: number;
  readonly asInt: Long;
}

interface DistributionPoint extends PointMessage {
  readonly count: Long;
  /** Optional fields are absent unless sent. */
  readonly sum?: number | null;
  readonly min?: number | null;
  readonly max?: number | null;
}

export interface HistogramPoint extends DistributionPoint {
  readonly bucketCounts: readonly Long[];
  readonly explicitBounds: readonly number[];
}

export interface Buckets {
  readonly offset: number;
  readonly bucketCounts: readonly Long[];
}

export interface ExponentialPoint extends DistributionPoint {
  readonly scale: number;
  readonly zeroCount: Long;
  readonly zeroThreshold: number;
  readonly positive: Buckets | null;
  readonly negative: Buckets | null;
}

export interface SummaryPoint extends PointMessage {
  readonly count: Long;
  readonly sum: number;
  readonly quantileValues: readonly { readonly quantile: number; readonly value: number }[];
}

export interface MetricMessage {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly data?: 'gauge' | 'sum' | 'histogram' | 'exponentialHistogram' | 'summary';
  readonly gauge: { readonly dataPoints: readonly NumberPoint[] } | null;
  readonly sum: {
    readonly dataPoints: readonly NumberPoint[];
    readonly aggregationTemporality: number;
    readonly isMonotonic: boolean;
  } | null;
  readonly histogram: {
    readonly dataPoints: readonly HistogramPoint[];
    readonly aggregationTemporality: number;
  } | null;
  readonly exponentialHistogram: {
    readonly dataPoints: readonly ExponentialPoint[];
    readonly aggregationTemporality: number;
  } | null;
  readonly summary: { readonly dataPoints: readonly SummaryPoint[] } | null;
}

export interface MetricsRequest {
  readonly resourceMetrics: readonly {
    readonly resource: ResourceMessage | null;
    readonly scopeMetrics: readonly {
      readonly scope: ScopeMessage | null;
      readonly metrics: readonly MetricMessage[];
    }[];
  }[];
}
