import { CHALLENGES, type CertificateRequestBody, type CertificateWish, type Challenge, DEFAULT_DIRECTORY, DIRECTORIES, domainOf, isDomainName, isOwnAuthority, isSame, KontenaError, put } from '../model/index.js';
import type { Author, CertificateRequest, Random, Requested, Store, View } from '../ports/index.js';
import { notFound } from './not-found.js';
import { requireGrid } from './require-grid.js';

interface Means {
  readonly store: Store;
  readonly random: Random;
}

/** As many as Let's Encrypt puts into one certificate. */
const MOST_NAMES = 100;

/**
 * An authority is asked for a certificate from now on. Said again it changes nothing while all is well; what failed is tried at once.
 *
 * @throws KontenaError KON_INVALID, KON_NOT_FOUND
 */
export async function requestCertificate({ store, random }: Means, author: Author, request: CertificateRequest): Promise<Requested> {
  const wish = wishOf(request);
  const name = wish.names[0] ?? '';
  const lot = random.fraction();
  const { plan, revision } = await store.update(author, (view) => {
    requireGrid(view);
    check(wish, view);
    const before = view.get('CertificateRequest', name);
    const isNews = before === undefined || request.isRenewal === true || !isSame(wish, wishIn(before.body)) || (view.get('Renewal', name)?.body.failures ?? 0) > 0;
    const body: CertificateRequestBody = { ...wish, asked: (before?.body.asked ?? 0) + 1, lot: before?.body.lot ?? lot };
    return { steps: isNews ? [put('CertificateRequest', name, body, 'requested')] : [], before: before?.revision };
  });
  const isChanged = plan.steps.length > 0;
  return { name, revision: isChanged ? revision : (plan.before ?? revision), isChanged };
}

/** @throws KontenaError KON_INVALID */
function wishOf({ names: typed, challenge, directory = DEFAULT_DIRECTORY, email, binding, answerOn = [] }: CertificateRequest): CertificateWish {
  const names = [...new Set(typed.map((name) => name.toLowerCase()))];
  const wrong = names.find((name) => !isDomainName(name) || !name.includes('.'));
  if (wrong !== undefined) throw new KontenaError('KON_INVALID', `no authority can issue a certificate to "${wrong}": names like example.com and *.example.com are wanted`);
  if (names.length === 0 || names.length > MOST_NAMES) throw new KontenaError('KON_INVALID', `a certificate is made out to 1 to ${MOST_NAMES} names, not to ${names.length}`);
  if (email !== undefined && !/^[^\s@,]+@[^\s@,]+$/.test(email)) throw new KontenaError('KON_INVALID', `"${email}" is no address that an authority could write to`);
  return {
    names, challenge: challengeOf(challenge, names), directory: directoryOf(directory), answerOn: [...new Set(answerOn)],
    ...(email === undefined ? {} : { email }), ...(binding === undefined ? {} : { binding }),
  };
}

/** Of names with a wildcard dns-01 is the only one. */
function challengeOf(typed: string | undefined, names: readonly string[]): Challenge {
  const wildcard = names.find((name) => name.startsWith('*.'));
  const challenge = typed ?? (wildcard === undefined ? 'http-01' : 'dns-01');
  const known = CHALLENGES.find((one) => one === challenge);
  if (known === undefined) throw new KontenaError('KON_INVALID', `there is no challenge "${challenge}": ${CHALLENGES.join(' and ')} are there`);
  if (wildcard !== undefined && known !== 'dns-01') throw new KontenaError('KON_INVALID', `${wildcard} stands for names that nobody can visit: authorities take dns-01 alone for it, not ${known}`);
  return known;
}

function directoryOf(typed: string): string {
  if (Object.hasOwn(DIRECTORIES, typed)) return DIRECTORIES[typed] ?? typed;
  if (URL.canParse(typed) && new URL(typed).protocol === 'https:') return typed;
  throw new KontenaError('KON_INVALID', `"${typed}" is no directory of an authority: ${Object.keys(DIRECTORIES).join(', ')} are known, and any address that begins with https:// will do`);
}

/** @throws KontenaError KON_INVALID, KON_NOT_FOUND */
function check(wish: CertificateWish, view: View): void {
  if (isOwnAuthority(wish.directory)) {
    checkOwn(wish, view);
    return;
  }
  checkAnswers(wish, view);
  checkBinding(wish, view);
}

/** Of the master's own: nobody else's names. */
function checkOwn({ names }: CertificateWish, { grid }: View): void {
  const foreign = names.find((name) => !name.endsWith(`.${domainOf(grid)}`));
  if (foreign !== undefined) throw new KontenaError('KON_INVALID', `the master certifies names that end in .${domainOf(grid)} alone, and "${foreign}" does not`);
}

function checkAnswers({ challenge, answerOn }: CertificateWish, view: View): void {
  for (const node of answerOn) {
    if (view.get('Node', node) === undefined) throw notFound({ what: 'node', typed: node, grid: view.grid, known: view.list('Node').map(({ name }) => name) });
  }
  if (challenge === 'http-01' && answerOn.length === 0 && !hasBalancer(view)) {
    throw new KontenaError('KON_INVALID', `nobody in grid ${view.grid} would answer the authority: it has no load balancer. Name nodes that do, with port 80 free and the names leading there: --answer-on NODE`);
  }
}

function checkBinding({ directory, binding }: CertificateWish, view: View): void {
  if (directory === DIRECTORIES.zerossl && binding === undefined) throw new KontenaError('KON_INVALID', 'ZeroSSL issues to accounts of its own alone: give the id of its key, and the secret of the vault that holds the key: --key-id, --key-secret');
  if (binding === undefined) return;
  if (binding.keyId === '' || binding.secret === '') throw new KontenaError('KON_INVALID', 'the account with the authority is named by an id and a secret of the vault: give both, --key-id and --key-secret');
  if (view.get('Secret', binding.secret) === undefined) throw notFound({ what: 'secret', typed: binding.secret, grid: view.grid, known: view.list('Secret').map(({ name }) => name) });
}

const hasBalancer = (view: View): boolean => view.list('Stack').some(({ body }) => Object.values(body.spec.services).some(({ balancer }) => balancer !== undefined));

function wishIn({ asked: _asked, lot: _lot, ...wish }: CertificateRequestBody): CertificateWish {
  return wish;
}
