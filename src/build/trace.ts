import protobuf from 'protobufjs';

/** What BuildKit tells of a build, cut to what a log needs. Times are milliseconds since 1970 with fractions, `null` while they have not come. */
export type Trace = {
  vertexes: { digest: string; name: string; cached: boolean; started: number | null; completed: number | null; error: string }[];
  logs: { vertex: string; at: number; stderr: boolean; bytes: Uint8Array }[];
};

/**
 * Decodes the `aux` of a `moby.buildkit.trace` record: base64 of a protobuf `StatusResponse`. Field numbers from BuildKit's
 * api/services/control/control.proto, the same in all its versions; unknown fields are skipped. Throws when it is not one.
 */
export function decodeTrace(aux: string): Trace {
  const message = statusResponse.toObject(statusResponse.decode(Buffer.from(aux, 'base64')), { longs: Number, defaults: true }) as Decoded;
  return {
    vertexes: (message.vertexes ?? []).map((vertex) => ({
      digest: vertex.digest,
      name: vertex.name,
      cached: vertex.cached,
      started: millis(vertex.started),
      completed: millis(vertex.completed),
      error: vertex.error,
    })),
    logs: (message.logs ?? []).map((log) => ({ vertex: log.vertex, at: millis(log.timestamp) ?? 0, stderr: log.stream === 2, bytes: log.msg })),
  };
}

type Time = { seconds: number; nanos: number } | null;
type Decoded = {
  vertexes?: { digest: string; name: string; cached: boolean; started: Time; completed: Time; error: string }[];
  logs?: { vertex: string; timestamp: Time; stream: number; msg: Uint8Array }[];
};

const statusResponse = protobuf.Root.fromJSON({
  nested: {
    StatusResponse: {
      fields: {
        vertexes: { rule: 'repeated', type: 'Vertex', id: 1 },
        logs: { rule: 'repeated', type: 'VertexLog', id: 3 },
      },
    },
    Vertex: {
      fields: {
        digest: { type: 'string', id: 1 },
        name: { type: 'string', id: 3 },
        cached: { type: 'bool', id: 4 },
        started: { type: 'Timestamp', id: 5 },
        completed: { type: 'Timestamp', id: 6 },
        error: { type: 'string', id: 7 },
      },
    },
    VertexLog: {
      fields: {
        vertex: { type: 'string', id: 1 },
        timestamp: { type: 'Timestamp', id: 2 },
        stream: { type: 'int64', id: 3 },
        msg: { type: 'bytes', id: 4 },
      },
    },
    Timestamp: { fields: { seconds: { type: 'int64', id: 1 }, nanos: { type: 'int32', id: 2 } } },
  },
}).lookupType('StatusResponse');

function millis(time: Time): number | null {
  return time === null ? null : time.seconds * 1000 + time.nanos / 1e6;
}
