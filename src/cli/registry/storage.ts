import { createHmac } from 'node:crypto';
import { KontenaError, messageOf, type Millis } from '../../model/index.js';

/** Where a registry keeps images, if not on the disk of its node. */
export type Storage = S3 | Azure;

interface S3 {
  readonly kind: 's3';
  readonly bucket: string;
  readonly region: string;
  /** Of another than Amazon's: `https://minio.example.com`. */
  readonly endpoint: string | undefined;
  readonly isEncrypted: boolean;
  readonly accessKey: string;
  readonly secretKey: string;
}

interface Azure {
  readonly kind: 'azure';
  readonly account: string;
  readonly container: string;
  /** base64. */
  readonly accountKey: string;
}

const ANSWER_LIMIT_MS: Millis = 15_000;
const AZURE_VERSION = '2021-08-06';

/** Asks whether the place is there and may be used. @throws KontenaError KON_BUCKET_UNUSABLE */
export async function checkStorage(storage: Storage): Promise<void> {
  const { what, host, ask } = storage.kind === 's3' ? await asS3(storage) : asAzure(storage);
  const answer = await ask().catch((error: unknown) => {
    throw new KontenaError('KON_BUCKET_UNUSABLE', `${host} does not answer: ${messageOf(error instanceof Error ? (error.cause ?? error) : error)}`, { cause: error });
  });
  if (answer.ok) return;
  const code = /<Code>([^<]+)<\/Code>/.exec(await answer.text())?.[1];
  throw new KontenaError('KON_BUCKET_UNUSABLE', `${what} cannot be used: ${whyNot(answer, code)}`);
}

interface Question {
  readonly what: string;
  readonly host: string;
  readonly ask: () => Promise<Response>;
}

/** Lists one object: that needs the bucket, the keys and the right to it. */
async function asS3({ bucket, region, endpoint = `https://s3.${region}.amazonaws.com`, accessKey, secretKey }: S3): Promise<Question> {
  const { AwsClient } = await import('aws4fetch');
  const client = new AwsClient({ accessKeyId: accessKey, secretAccessKey: secretKey, region, service: 's3', retries: 0 });
  const url = new URL(`${endpoint.replace(/\/$/, '')}/${bucket}?list-type=2&max-keys=1`);
  return { what: `the bucket ${bucket}`, host: url.host, ask: () => client.fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(ANSWER_LIMIT_MS) }) };
}

/** Signed with the key of the account, as Azure's "Authorize with Shared Key" says. */
function asAzure({ account, container, accountKey }: Azure): Question {
  const host = `${account}.blob.core.windows.net`;
  const date = new Date().toUTCString();
  const text = `GET${'\n'.repeat(12)}x-ms-date:${date}\nx-ms-version:${AZURE_VERSION}\n/${account}/${container}\nrestype:container`;
  const signature = createHmac('sha256', Buffer.from(accountKey, 'base64')).update(text).digest('base64');
  const headers = { 'x-ms-date': date, 'x-ms-version': AZURE_VERSION, authorization: `SharedKey ${account}:${signature}` };
  return { what: `the container ${container}`, host, ask: () => fetch(`https://${host}/${container}?restype=container`, { headers, signal: AbortSignal.timeout(ANSWER_LIMIT_MS) }) };
}

const REASONS: Readonly<Record<string, string>> = {
  NoSuchBucket: 'there is no such bucket',
  ContainerNotFound: 'there is no such container',
  InvalidAccessKeyId: 'the access key is not known',
  SignatureDoesNotMatch: 'the secret key is not that of the access key',
  AuthenticationFailed: 'the key is not that of the account',
  AccessDenied: 'these keys may not use it',
  PermanentRedirect: 'it is in another region',
  AuthorizationHeaderMalformed: 'it is in another region',
};

function whyNot({ status, headers }: Response, code: string | undefined): string {
  const region = headers.get('x-amz-bucket-region');
  const reason = REASONS[code ?? ''] ?? code ?? `the answer was ${String(status)}`;
  return `${reason}${region === null ? '' : `; its region is ${region}`}`;
}
