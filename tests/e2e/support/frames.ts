// The control frames of `envsocket.v1`, as the browser reports them.

/** As much of them as the tests use; which fields there are is the type's. */
export interface Frame {
  readonly type: string;
  readonly sent?: number;
  readonly received?: number;
  readonly consumed?: number;
  readonly next?: number;
  readonly live?: number;
  readonly to?: number;
  readonly snapshot?: boolean;
  readonly window?: number;
  readonly cols?: number | null;
  readonly rows?: number | null;
}

/** Null for a message. */
export function parse(payload: string | Buffer): Frame | null {
  const isControl = typeof payload === 'string' && payload.startsWith('\0{');
  return isControl ? (JSON.parse(payload.slice(1)) as Frame) : null;
}
