import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { IngestAnswer } from '../protocol.ts';
import type { Receiver } from './otlp-http.ts';
import type { Signal } from './otlp-proto.ts';
import { encodeExportResponse, encodeStatus, retryInfo, rpcCodes } from './rpc-status.ts';
import { isLocalHost, maxBodyBytes, type Sink } from './sink.ts';

const services: readonly (readonly [Signal, string])[] = [
  ['traces', 'opentelemetry.proto.collector.trace.v1.TraceService'],
  ['logs', 'opentelemetry.proto.collector.logs.v1.LogsService'],
  ['metrics', 'opentelemetry.proto.collector.metrics.v1.MetricsService'],
];
const asItIs = (bytes: Buffer): Buffer => bytes;

/** `Export` of a service with raw messages: decoding is the store's business. */
function definition(name: string): ServiceDefinition {
  return {
    Export: {
      path: `/${name}/Export`,
      requestStream: false,
      responseStream: false,
      requestSerialize: asItIs,
      requestDeserialize: asItIs,
      responseSerialize: asItIs,
      responseDeserialize: asItIs,
    },
  };
}

type Call = ServerUnaryCall<Buffer, Buffer>;
type Reply = sendUnaryData<Buffer>;

function implementation(signal: Signal, sink: Sink): UntypedServiceImplementation {
  return {
    Export(call: Call, reply: Reply): void {
      if (!isLocalHost(call.getHost()) || call.metadata.get('origin').length > 0) {
        reply({ code: rpcCodes.permissionDenied, details: 'requests from web pages and foreign names are refused' });
        return;
      }
      sink(signal, false, call.request).then(
        (answer) => respond(answer, reply),
        (error: unknown) => reply({ code: rpcCodes.internal, details: String(error) }),
      );
    },
  };
}

function respond(answer: IngestAnswer, reply: Reply): void {
  if (answer.status === 'stored') reply(null, encodeExportResponse(answer.rejected, answer.reason));
  else if (answer.status === 'invalid') reply({ code: rpcCodes.invalidArgument, details: answer.reason });
  else {
    const metadata = new Metadata();
    metadata.set('grpc-status-details-bin', encodeStatus(rpcCodes.unavailable, answer.reason, [retryInfo(1)]));
    reply({ code: rpcCodes.unavailable, details: answer.reason, metadata });
  }
}

/** OTLP over gRPC, on 127.0.0.1 unless told otherwise, without TLS. Rejects when the port cannot be had. */
export async function startOtlpGrpc(port: number, sink: Sink, host = '127.0.0.1'): Promise<Receiver> {
  const server = new Server({ 'grpc.max_receive_message_length': maxBodyBytes });
  for (const [signal, name] of services) server.addService(definition(name), implementation(signal, sink));
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, actual) => {
      if (error === null) resolve(actual);
      else reject(error);
    });
  });
  return {
    port: bound,
    async close() {
      server.forceShutdown();
    },
  };
}
