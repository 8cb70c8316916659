import { KontenaCommand } from '../../command.js';
import { durationFlag } from '../../flags.js';
import { plainName } from '../../names.js';
import { Flags } from '../../oclif.js';
import { createRegistry, type Storage } from '../../registry/index.js';
import { UsageError } from '../../usage-error.js';

export default class RegistryCreate extends KontenaCommand {
  static override summary = 'Install an image registry for the grid, which its nodes find and trust.';
  static override description = 'Stack files name its images registry/NAME:TAG. Images are kept on the disk of one node, or in a bucket, which is tried before anything is made.';
  static override examples = [
    '<%= config.bin %> registry create',
    '<%= config.bin %> registry create --node n1',
    '<%= config.bin %> registry create --s3-bucket images --s3-region eu-west-1',
    '<%= config.bin %> registry create --azure-account-name acme --azure-container-name images',
  ];
  static override flags = {
    node: Flags.string({ exclusive: ['s3-bucket', 'azure-account-name'], helpValue: '<node>', summary: 'Node on whose disk images are kept; else one is chosen, and kept.' }),
    image: Flags.string({ helpValue: '<image>', summary: 'What it runs, with the program registry and a shell (default: registry:2.8.3).' }),
    's3-bucket': Flags.string({ dependsOn: ['s3-access-key', 's3-secret-key'], helpValue: '<name>', summary: 'Bucket that keeps the images.' }),
    's3-region': Flags.string({ dependsOn: ['s3-bucket'], helpValue: '<region>', summary: 'Its region (default: eu-west-1).' }),
    's3-endpoint': Flags.string({ dependsOn: ['s3-bucket'], helpValue: '<url>', summary: 'Address of a service that speaks S3 and is not Amazon\'s.' }),
    's3-encrypt': Flags.boolean({ default: false, summary: 'Have the bucket encrypt what is in it.' }),
    's3-access-key': Flags.string({ env: 'AWS_ACCESS_KEY_ID', helpValue: '<key>', summary: 'Access key; goes into the vault.' }),
    's3-secret-key': Flags.string({ env: 'AWS_SECRET_ACCESS_KEY', helpValue: '<key>', summary: 'Its secret key, better in the environment: arguments can be read by everyone on the machine. Goes into the vault.' }),
    'azure-account-name': Flags.string({ dependsOn: ['azure-container-name', 'azure-account-key'], exclusive: ['s3-bucket'], helpValue: '<name>', summary: 'Storage account that keeps the images.' }),
    'azure-container-name': Flags.string({ dependsOn: ['azure-account-name'], helpValue: '<name>', summary: 'Container in it.' }),
    'azure-account-key': Flags.string({ env: 'AZURE_STORAGE_KEY', helpValue: '<key>', summary: 'Key of the account, better in the environment. Goes into the vault.' }),
    timeout: durationFlag({ default: 300_000, defaultHelp: () => Promise.resolve('5m'), summary: 'How long to wait; the work goes on after it.' }),
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(RegistryCreate);
    const node = flags.node === undefined ? undefined : plainName('node', flags.node);
    return createRegistry(this, { node, image: flags.image, storage: storageOf(flags), timeoutMs: flags.timeout });
  }
}

interface StorageFlags {
  readonly 's3-bucket': string | undefined;
  readonly 's3-region': string | undefined;
  readonly 's3-endpoint': string | undefined;
  readonly 's3-encrypt': boolean;
  readonly 's3-access-key': string | undefined;
  readonly 's3-secret-key': string | undefined;
  readonly 'azure-account-name': string | undefined;
  readonly 'azure-container-name': string | undefined;
  readonly 'azure-account-key': string | undefined;
}

/** @throws UsageError */
function storageOf(flags: StorageFlags): Storage | undefined {
  const { 's3-bucket': bucket, 's3-region': region = 'eu-west-1', 's3-endpoint': endpoint, 'azure-account-name': account, 'azure-container-name': container = '' } = flags;
  if (endpoint !== undefined && !/^https?:\/\/./.test(endpoint)) throw new UsageError(`--s3-endpoint ${endpoint}: an address is wanted, like https://minio.example.com`);
  if (bucket !== undefined) return { kind: 's3', bucket, region, endpoint, isEncrypted: flags['s3-encrypt'], accessKey: flags['s3-access-key'] ?? '', secretKey: flags['s3-secret-key'] ?? '' };
  return account === undefined ? undefined : { kind: 'azure', account, container, accountKey: flags['azure-account-key'] ?? '' };
}
