import type * as acme from 'acme-client';
import { AcmeFault } from './problems.js';

type Acme = typeof acme;

const ANSWER_LIMIT_MS = 30_000;

/** What acme-client lets be said of its requests beyond what axios knows. */
interface Settings {
  readonly acmeSettings: { readonly retryMaxAttempts: number };
}

let loading: Promise<Acme> | undefined;

/** Read when a certificate is ordered for the first time: most masters never do, and all have to start. */
export function loadClient(): Promise<Acme> {
  loading ??= import('acme-client').then(prepared);
  return loading;
}

/** When to ask again is decided by whoever orders, so that a master that ends loses nothing; and refusals keep all that the authority says. */
function prepared(library: Acme): Acme {
  const { axios } = library;
  axios.defaults.timeout = ANSWER_LIMIT_MS;
  Object.assign(axios.defaults, { acmeSettings: { ...(axios.defaults as unknown as Settings).acmeSettings, retryMaxAttempts: 0 } });
  axios.interceptors.response.use((response) => {
    const fault = AcmeFault.of(response.status, response.data, String(response.headers['retry-after'] ?? ''));
    if (fault !== undefined) throw fault;
    return response;
  });
  return library;
}
