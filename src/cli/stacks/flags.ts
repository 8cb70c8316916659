import { waitFlags } from '../flags.js';
import { Flags } from '../oclif.js';

/** The argument that names a stack file. */
export const fileArgument = { default: 'kontena.yml', description: 'Stack file, or a stack of the registry: user/name[:version].' };

/** Where stacks are that are known by name. */
export const registryFlags = {
  registry: Flags.string({ helpValue: '<address>', summary: 'Stack registry: a path, git+ssh://…, git+https://… or oci://host/prefix; else KONTENA_STACK_REGISTRY, else that of the context.' }),
  'insecure-http': Flags.boolean({ default: false, summary: 'Speak http, not https, to an OCI registry.' }),
};

/** Whose files a stack file may refer to, and where stacks are that are known by name. */
export const sourceFlags = {
  'allow-files': Flags.string({ multiple: true, multipleNonGreedy: true, helpValue: '<dir>', summary: 'Further folder whose files a stack file may refer to, besides its own and the working directory.' }),
  ...registryFlags,
};

export const strictFlag = Flags.boolean({ default: false, summary: 'Warnings are errors.' });

/** Where the values of variables come from and go to. */
export const valueFlags = {
  variable: Flags.string({ char: 'v', multiple: true, multipleNonGreedy: true, helpValue: '<name=value>', summary: 'Value of a variable of the file; of a dependency: child.name=value.' }),
  'values-from': Flags.string({ multiple: true, multipleNonGreedy: true, helpValue: '<file>', summary: 'YAML file with values of variables.' }),
  'values-from-stack': Flags.string({ multiple: true, multipleNonGreedy: true, helpValue: '<stack>', summary: 'Installed stack whose values to take.' }),
  'values-to': Flags.string({ helpValue: '<file>', summary: 'File to write the values of the variables to, without secrets.' }),
  strict: strictFlag,
  ...sourceFlags,
};

/** What `stack install` and `stack upgrade` take alike. */
export const installFlags = {
  ...valueFlags,
  ...waitFlags,
  deploy: Flags.boolean({ default: true, allowNo: true, hidden: true, summary: 'As --wait: what is declared is deployed.' }),
  'skip-dependencies': Flags.boolean({ default: false, summary: 'Leave the stacks it depends on as they are.' }),
};

export interface RegistryFlags {
  readonly registry?: string | undefined;
  readonly 'insecure-http'?: boolean | undefined;
  readonly context?: string | undefined;
}

export interface SourceFlags extends RegistryFlags {
  readonly 'allow-files'?: string[] | undefined;
  readonly strict?: boolean | undefined;
}

export interface ValueFlags {
  readonly variable?: string[] | undefined;
  readonly 'values-from'?: string[] | undefined;
  readonly 'values-from-stack'?: string[] | undefined;
}

export interface InstallFlags extends SourceFlags, ValueFlags {
  readonly 'values-to'?: string | undefined;
  readonly wait: boolean;
  readonly deploy: boolean;
  readonly timeout: number;
  readonly 'skip-dependencies': boolean;
}
