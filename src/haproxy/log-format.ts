/** What HAProxy writes of each request, or of each connection. */
export function logFormat(format: 'http' | 'json', mode: 'http' | 'tcp'): string {
  if (format === 'http') return `option ${mode}log`;
  return `log-format '{${Object.entries({ ...COMMON, ...(mode === 'http' ? REQUEST : {}) }).map(([name, value]) => `"${name}":${value}`).join(',')}}'`;
}

const COMMON = {
  time: '"%[date,ltime(%Y-%m-%dT%H:%M:%S%z)]"',
  client: '"%ci"',
  backend: '"%b"',
  server: '"%s"',
  queueMs: '%Tw',
  connectMs: '%Tc',
  totalMs: '%Tt',
  bytes: '%B',
  ended: '"%ts"',
};

const REQUEST = { request: '%{+Q,+E}r', status: '%ST', answerMs: '%Tr' };
