/**
 * Every way Kontena refuses or fails, in one table. `retry` is for loops: may the same call succeed later?
 * `remedy` is for people: what to do next. The sentence that says what happened, and to what, is the error's message.
 */
export const ERRORS = {
  KON_WRITER_DENIED: { retry: false, remedy: 'This is a fault in Kontena: each kind has one writer, see src/model/records.ts.' },
  KON_STORE_FULL: { retry: true, remedy: 'Free space on the disk that holds the data directory; nothing was changed.' },
  KON_STORE_IN_USE: { retry: false, remedy: 'Stop the other master, or give this one a data directory of its own with --data.' },
  KON_STORE_DAMAGED: { retry: false, remedy: 'Restore the data directory from a backup with `kontenactl restore`.' },
  KON_STORE_FAILED: { retry: true, remedy: 'Look at the disk of the data directory and start the master again; nothing acknowledged is lost.' },
  KON_STORE_FORMAT: { retry: false, remedy: 'Start the version of Kontena that wrote the data directory, or a newer one.' },
  KON_VAULT_SEALED: { retry: false, remedy: 'Put back the file `vault.key` of the data directory, from the same backup as the store.' },
  KON_REVISION_UNKNOWN: { retry: false, remedy: 'List again and watch from the revision of the answer.' },
  KON_REVISION_COMPACTED: { retry: false, remedy: 'List again, and watch from the revision of the answer. What people declared is kept: `kontenactl history`. Later, the master keeps more with --keep-decisions.' },
  KON_AUTHORITY_REFUSED: { retry: false, remedy: 'Correct what the authority names, then ask again: `kontenactl certificate request`. The certificate before is served until there is another.' },
  KON_AUTHORITY_BUSY: { retry: true, remedy: 'Wait: it is asked again by itself, when the authority said.' },
  KON_AUTHORITY_UNREACHABLE: { retry: true, remedy: 'Check the address of the directory, and that the master reaches it; it is asked again by itself. Name the file of a CA of your own in NODE_EXTRA_CA_CERTS of the master.' },
  KON_DNS_HOOK_FAILED: { retry: true, remedy: 'Read what the program says, correct it on the machine of the master, and ask again: `kontenactl certificate request`.' },
  KON_NOT_FOUND: { retry: false, remedy: 'See what there is with `kontenactl get` and its kind, as in `kontenactl get secrets`.' },
  KON_INVALID: { retry: false, remedy: 'Correct what is named and try again; nothing was changed.' },
  KON_STACK_INVALID: { retry: false, remedy: 'Correct the stack file and apply it again; nothing was changed.' },
  KON_CONFLICT: { retry: false, remedy: 'Clear away what stands in the way, or choose another name; nothing was changed.' },
  KON_STOPPED: { retry: false, remedy: 'Start it with `kontenactl service start`, or all of its stack with `kontenactl stack start`; nothing was changed.' },
  KON_BUSY: { retry: true, remedy: 'Close some of what watches or follows with the same credential, or try again later.' },
  KON_UNAUTHENTICATED: { retry: false, remedy: 'Use a context of this master (`kontenactl context list`), sign in again with `kontenactl login`, or ask for a new credential: `kontenactl credential create`.' },
  KON_SIGN_IN_REFUSED: { retry: false, remedy: 'Check the name and what goes with it, then `kontenactl login` again. Who has forgotten a password asks a user-admin, who types `kontenactl user password NAME`.' },
  KON_SIGN_IN_DELAYED: { retry: true, remedy: 'Wait as long as it says. It is the guessing that is slowed down: from a place where you have signed in before, others\' guesses do not count.' },
  KON_FORBIDDEN: { retry: false, remedy: 'Ask whoever may give that role: grid-admins are in `kontenactl get members`, and the admin of the master may do everything; they type `kontenactl member add NAME --role ROLE`.' },
  KON_TOKEN_INVALID: { retry: false, remedy: 'Make a new one with `kontenactl token create`, for a program with --role ROLE.' },
  KON_CERTIFICATE_UNTRUSTED: { retry: false, remedy: 'This is another cluster, or its certificates were made anew: join again with a new token, or choose another context.' },
  KON_NODE_NAME_TAKEN: { retry: false, remedy: 'Give this machine another name with --name; to put it in the place of the other one, make a token for that: `kontenactl token create --node NAME`.' },
  KON_NODE_REMOVED: { retry: false, remedy: 'Join again with a new token: `kontenactl token create`.' },
  KON_NODE_UNREACHABLE: { retry: true, remedy: 'Look at the node with `kontenactl describe node`; start its agent.' },
  KON_AGENT_TOO_OLD: { retry: false, remedy: 'Install the master\'s version of Kontena on that node, and start its agent again: `kontenactl get nodes -o wide`.' },
  KON_MASTER_UNREACHABLE: { retry: true, remedy: 'Check that the master is running and that the context names it: `kontenactl context list`.' },
  KON_TIMEOUT: { retry: true, remedy: 'Look at what is going on with `kontenactl get instances`, or wait longer with --timeout.' },
  KON_ENGINE_UNREACHABLE: { retry: true, remedy: 'Start the container engine (`systemctl start docker`), or name its socket with --docker.' },
  KON_ENGINE_FORBIDDEN: { retry: true, remedy: 'Run this as root, or join the group that owns the socket (`docker`) and log in again.' },
  KON_ENGINE_TOO_OLD: { retry: false, remedy: 'Install Docker Engine 20.10 or newer (API 1.41).' },
  KON_ENGINE_REFUSED: { retry: true, remedy: 'Read what the engine says, and correct the service.' },
  KON_IMAGE_UNAVAILABLE: { retry: true, remedy: 'Check the name of the image, its tag, and that the node reaches the registry.' },
  KON_VOLUME_TAKEN: { retry: true, remedy: 'Look at it on that node with `docker volume inspect`; remove it there, or declare a volume of another name.' },
  KON_VOLUME_IN_USE: { retry: false, remedy: 'Stop what mounts it with `kontenactl service stop`, do this again, and then `kontenactl service start`.' },
  KON_VOLUME_DIFFERS: { retry: true, remedy: 'Do it again; where it happens twice, look at the disk of that node.' },
  KON_PORT_TAKEN: { retry: true, remedy: 'Choose another port in `ports`, or stop what uses it on that node.' },
  KON_NETWORK_NAME_TAKEN: { retry: true, remedy: 'Remove or rename that network: `docker network ls`, `docker network rm`.' },
  KON_SUBNET_TAKEN: { retry: true, remedy: 'Remove the network that has these addresses (`docker network ls`), or make a grid with another subnet.' },
  KON_NETWORK_IN_USE: { retry: true, remedy: 'It is made anew when the last container has left it: see `docker network inspect`.' },
  KON_NETWORK_TOOL_MISSING: { retry: true, remedy: 'Install what is named; on Debian all of it is in wireguard-tools, wireguard-go, nftables, iproute2 and iptables.' },
  KON_NETWORK_FORBIDDEN: { retry: true, remedy: 'Run the agent as root, or give it the capability CAP_NET_ADMIN.' },
  KON_NETWORK_REFUSED: { retry: true, remedy: 'Read what the program says; what stands in the way belongs to something else on this machine.' },
  KON_TUN_MISSING: { retry: true, remedy: 'Load the module (`modprobe wireguard`, or `modprobe tun` for wireguard-go), or let this machine have /dev/net/tun.' },
  KON_TUNNEL_PORT_TAKEN: { retry: true, remedy: 'Stop what listens there, or give the agent another port with --tunnel-port.' },
  KON_RESOLVER_REFUSED: { retry: true, remedy: 'Run the agent as root and let it write that file, or start it without --resolve: names of the grid are then for containers alone.' },
  KON_ANSWER_PORT_TAKEN: { retry: true, remedy: 'Stop what listens there, or name another node with --answer-on.' },
  KON_BRIDGE_FILTER_MISSING: { retry: true, remedy: 'Load the module: `modprobe br_netfilter`, and name it in /etc/modules-load.d to have it after a restart.' },
  KON_BALANCER_UNREACHABLE: { retry: true, remedy: 'It is starting, or has ended: see `kontenactl get instances` and the logs of the balancer.' },
  KON_BALANCER_REFUSED: { retry: true, remedy: 'Read what HAProxy says; it is loaded anew with the same.' },
  KON_PORT_UNREACHABLE: { retry: true, remedy: 'See on which port the program listens inside its container, and that the instance runs: `kontenactl get instances`.' },
  KON_CONTAINER_MISSING: { retry: true, remedy: 'It was removed by hand; the agent creates it again.' },
  KON_CONTEXT_MISSING: { retry: false, remedy: 'Choose one with `kontenactl context use NAME`, or start a cluster with `kontenactl dev up`.' },
  KON_CONTEXT_INVALID: { retry: false, remedy: 'Add it anew with `kontenactl context add NAME --from FILE`; FILE is the admin.json in the data directory of its master.' },
  KON_CONTEXT_FILE_INVALID: { retry: false, remedy: 'Correct that file, or move it away and add what was in it again with `kontenactl context add`.' },
  KON_FILE_EXISTS: { retry: false, remedy: 'Choose another path, or move away what is there; nothing was changed.' },
  KON_AUDIT_BROKEN: { retry: false, remedy: 'Keep this file as it is, and find out who could write it; compare it with exports and backups of other days.' },
  KON_BACKUP_INVALID: { retry: false, remedy: 'Choose another backup, made by `kontenactl backup`; nothing was changed.' },
  KON_DATA_TAKEN: { retry: false, remedy: 'Give this agent a data directory of its own with --data: one belongs to one name, and to one running agent.' },
  KON_DATA_REMOVED: { retry: false, remedy: 'End what runs with `kontenactl dev down` (and the same --data), then start anew with `kontenactl dev up`. What the lost cluster ran stays in its engine: `docker ps --filter label=io.kontena.cluster` shows it, `docker rm -f` removes it.' },
  KON_ADDRESS_UNUSABLE: { retry: false, remedy: 'Stop what uses it, or choose another address with --listen, or --metrics.' },
  KON_FILE_OUTSIDE: { retry: false, remedy: 'Move the file into the folder of the stack file, or allow its own with --allow-files DIR, here or, for a watched directory, where the master is started.' },
  KON_FILE_FOREIGN: { retry: false, remedy: 'Get the stack file with `kontenactl stack registry pull`, look at it, put what it needs beside it, and apply it from here.' },
  KON_FILE_UNREADABLE: { retry: false, remedy: 'Check the path and its permissions.' },
  KON_FILE_EXPOSED: { retry: false, remedy: 'Give the data directory to the user who runs this program, and to nobody else: `chown -R USER DIRECTORY`, `chmod -R go= DIRECTORY`. Where others could read keys, make new ones.' },
  KON_REGISTRY_MISSING: { retry: false, remedy: 'Name one with --registry, in KONTENA_STACK_REGISTRY, or as `registry:` in the file of contexts: a path, git+ssh://…, git+https://… or oci://….' },
  KON_STACK_UNKNOWN: { retry: false, remedy: 'See what there is with `kontenactl stack registry search` and `stack registry show`.' },
  KON_REGISTRY_FAILED: { retry: true, remedy: 'Check the address of the stack registry, and read what it says.' },
  KON_REGISTRY_UNREACHABLE: { retry: true, remedy: 'Check the address of the stack registry, and that this machine reaches it; then try again.' },
  KON_REGISTRY_DENIED: { retry: false, remedy: 'Log in: with `docker login` for oci://, with a credential helper of git for git+https://, with an ssh key that the server knows for git+ssh://, in ssh-agent if it has a passphrase.' },
  KON_TOKEN_SERVER_UNKNOWN: { retry: false, remedy: 'See that the server belongs to the registry, and trust it as shown, as the user who asks; a master does so by itself within seconds.' },
  KON_REGISTRY_UNTRUSTED: { retry: false, remedy: 'See that it is the right server. Then add its host key to ~/.ssh/known_hosts, or name the file of its CA: NODE_EXTRA_CA_CERTS for oci://, GIT_SSL_CAINFO for git+https://.' },
  KON_BUILD_FAILED: { retry: true, remedy: 'Read what the builder said above, correct it and build again.' },
  KON_PROGRAM_MISSING: { retry: false, remedy: 'Install it on this machine (docker: `apt-get install docker-cli` or docker.io), or work on another one.' },
  KON_CANCELLED: { retry: false, remedy: 'Answer y, or give --yes.' },
  KON_SYSTEMD_MISSING: { retry: false, remedy: 'Run `kontenactl master start` or `kontenactl agent start` under the service manager of this machine, or use `kontenactl dev up`.' },
  KON_PROGRAM_ENDED: { retry: true, remedy: 'Read its last lines above and its log, then run the same command again.' },
  KON_INTERNAL: { retry: true, remedy: 'This is a fault in Kontena. Run again with --debug and report what it prints.' },
} as const satisfies Readonly<Record<string, { readonly retry: boolean; readonly remedy: string }>>;

export type ErrorCode = keyof typeof ERRORS;

/** One thing wrong in what a user wrote. Lines and columns count from 1. */
export interface Mistake {
  readonly severity: 'error' | 'warning';
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** Number of characters the marker under the line covers. */
  readonly length?: number;
  /** Where in the document, e.g. `services.web.ports[0]`. */
  readonly path: string;
  readonly message: string;
  /** What to write instead, where that is known. */
  readonly hint?: string;
}

/**
 * The only error class thrown on purpose. The message says what failed and to what;
 * `cause` keeps what it wraps, `mistakes` what is wrong in a file, all of it at once.
 */
export class KontenaError extends Error {
  override readonly name = 'KontenaError';
  readonly mistakes: readonly Mistake[];

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly mistakes?: readonly Mistake[] } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.mistakes = options.mistakes ?? [];
  }

  get retry(): boolean {
    return ERRORS[this.code].retry;
  }

  get remedy(): string {
    return ERRORS[this.code].remedy;
  }
}

/** Whether trying again may help. What is not ours is taken to be passing. */
export const isRetryable = (error: unknown): boolean => !(error instanceof KontenaError) || error.retry;
