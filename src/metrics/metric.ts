/** One thing that is measured, as Prometheus knows it. It is looked at when somebody asks. */
export interface Metric {
  readonly name: string;
  /** One sentence. */
  readonly help: string;
  /** A counter rises, and begins anew with what it counts. */
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly values: () => readonly Value[] | Promise<readonly Value[]>;
}

export interface Value {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Of the parts of a histogram: `kontena_endpoint_served_seconds_bucket`. */
  readonly metricName?: string;
}

/** A gauge or counter with values of its own. */
export const metric = (type: 'counter' | 'gauge', name: string, help: string, values: Metric['values']): Metric => ({ type, name, help, values });
