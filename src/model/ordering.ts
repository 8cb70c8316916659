import type { Instant } from './time.js';

/** How it is proved to an authority that a name is ours (RFC 8555, section 8; RFC 8737). */
export const CHALLENGES = ['http-01', 'dns-01'] as const;
export type Challenge = (typeof CHALLENGES)[number];

/** Who is asked where nobody says otherwise. */
export const DEFAULT_DIRECTORY = 'https://acme-v02.api.letsencrypt.org/directory';

/** The authorities that are known by name, by the addresses of their directories. */
export const DIRECTORIES: Readonly<Record<string, string>> = {
  letsencrypt: DEFAULT_DIRECTORY,
  'letsencrypt-staging': 'https://acme-staging-v02.api.letsencrypt.org/directory',
  zerossl: 'https://acme.zerossl.com/v2/DV90',
  master: 'master:',
};

/** The master's own authority: it asks for no proof, and certifies names of the grid's own domain alone. */
export const isOwnAuthority = (directory: string): boolean => directory === DIRECTORIES['master'];

/** What an authority is asked for, and as whom. */
export interface CertificateWish {
  /** Every name it is to be made out to, the subject's own first. */
  readonly names: readonly string[];
  readonly challenge: Challenge;
  /** The address of the authority's directory. */
  readonly directory: string;
  /** Where the authority may write to. */
  readonly email?: string;
  /** The account with the authority that ours is bound to: the id of its key, and the secret of the vault that holds the key. */
  readonly binding?: { readonly keyId: string; readonly secret: string };
  /** Nodes that answer the authority themselves; none: the grid's balancers do. */
  readonly answerOn: readonly string[];
}

/** What is to be shown for one name. */
export interface Proof {
  /** `example.com`, of `*.example.com` too. */
  readonly name: string;
  readonly challenge: Challenge;
  readonly token: string;
  /** What is answered to who asks for the token; of dns-01, the value of the record. */
  readonly answer: string;
  /** Its address with the authority. */
  readonly url: string;
}

/** Name: the subject, e.g. `example.com`. That an authority is to be asked for its certificate, and again before each end. */
export interface CertificateRequestBody extends CertificateWish {
  /** Times it was asked for: one more, and it is ordered at once. */
  readonly asked: number;
  /** Drawn by lot, from 0 to 1: when within some days it is renewed, so that not all are at one moment. */
  readonly lot: number;
}

/** Name: the certificate's. What is due of it. */
export interface RenewalBody {
  /** What the authority is asked for, or was last; absent of what was imported by hand. */
  readonly order?: OrderWanted;
  /** Orders in a row that failed, */
  readonly failures: number;
  /** and when the next one begins; absent while one is under way. */
  readonly nextAt?: Instant;
  /** Its end is so near that people should know. */
  readonly endsSoon: boolean;
}

export interface OrderWanted extends CertificateWish {
  /** Counts the orders of one certificate, from 1. */
  readonly number: number;
  /** Of the request, see {@link CertificateRequestBody}. */
  readonly asked: number;
}

/** `placing`: the authority does not know of it; `proving`: it wants to see that the names are ours; `finishing`: it has seen. */
export type OrderPhase = 'placing' | 'proving' | 'finishing' | 'issued' | 'failed';

/** Name: the certificate's. How far its newest order is with the authority. */
export interface OrderBody {
  /** See {@link OrderWanted}. */
  readonly number: number;
  readonly phase: OrderPhase;
  readonly since: Instant;
  /** Its address with the authority. */
  readonly url?: string;
  /** What is shown meanwhile, */
  readonly proofs: readonly Proof[];
  /** and the nodes that answer themselves; none: the grid's balancers do. */
  readonly answerOn: readonly string[];
  /** The authority was told to look. */
  readonly isShown: boolean;
  /** What stands in the way, or did: in the authority's own words where it said any. */
  readonly reason?: string;
  /** Times in a row that the authority could not be asked, */
  readonly setbacks?: number;
  /** and when it is asked again. */
  readonly nextAt?: Instant;
}

/** Of a name of dns-01, the record that holds the answer. */
export const recordOf = ({ name }: Pick<Proof, 'name'>): string => `_acme-challenge.${name}`;

/** Where http-01 is answered, on port 80. */
export const ANSWER_PATH = '/.well-known/acme-challenge/';

/** What is answered for orders, by token. */
export const answersOf = (orders: readonly Pick<OrderBody, 'proofs'>[]): Readonly<Record<string, string>> =>
  Object.fromEntries(orders.flatMap(({ proofs }) => proofs.filter(({ challenge }) => challenge === 'http-01').map(({ token, answer }) => [token, answer])));
