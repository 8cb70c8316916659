// Made by scripts/gen-stack-types.mjs of schemas/; do not edit.

/**
 * An application: its services, volumes and variables, in one YAML file.
 */
export interface StackFile {
/**
 * Name of the stack, `NAME` or `USER/NAME`; small letters, digits and `-`.
 */
stack?: (string | number)
/**
 * Version of this file.
 */
version?: (string | number | null)
/**
 * What it is, in a sentence.
 */
description?: {
[k: string]: unknown
}
/**
 * Name of the service that other stacks reach by the name of this stack.
 */
expose?: (string | null)
/**
 * Names of the stacks of the grid whose containers may reach the services of this one; its own always may. `[]` means no other. Default: every stack that shares a network with it.
 */
allow?: string[]
/**
 * Names of networks: stacks that share one reach each other, unless `allow` says otherwise. Default: the grid's own, `default`. A map, as docker-compose has it, has no effect.
 * 
 * @minItems 1
 */
networks?: ([string, ...(string)[]] | {

})
/**
 * Labels of the stack, NAME=VALUE.
 */
labels?: string[]
/**
 * Values that may differ from one installation to the next. Write ${NAME} or {{ NAME }} where one is wanted.
 */
variables?: {
[k: string]: Variable
}
/**
 * What runs, by name.
 */
services?: ({
[k: string]: Service
} | null)
/**
 * Volumes that services mount by name. They are declared apart from the stack, with `kontenactl volume create`, and outlive it.
 */
volumes?: ({
[k: string]: Volume
} | null)
/**
 * Stacks that are installed with this one, as `<this stack>-<name>`.
 */
depends?: ({
[k: string]: Dependency
} | null)
/**
 * About this file: `tags`, `readme`, `required_kontena_version` (as RubyGems writes it; files are read as Kontena 1.5.4 read them, and one that asks for another is warned of), and what you like.
 */
meta?: ({
/**
 * Words to find it by.
 */
tags?: string[]
/**
 * Text, or where it is to be found.
 */
readme?: (string | null)
/**
 * Versions of Kontena it works with, as RubyGems writes them. Stack files are read as Kontena 1.5.4 read them: a file that asks for another is warned of.
 */
required_kontena_version?: (string | number)
[k: string]: unknown
} | null)
/**
 * A place for YAML anchors; nothing reads it.
 */
data?: {
[k: string]: unknown
}
/**
 * Ignored.
 */
errors?: {
[k: string]: unknown
}
}
/**
 * A value that may differ from one installation to the next.
 * 
 * This interface was referenced by `StackFile`'s JSON-Schema
 * via the `definition` "variable".
 */
export interface Variable {
/**
 * What kind of value it is.
 */
type: ("string" | "integer" | "boolean" | "enum" | "uri" | "array")
/**
 * The value, fixed in the file; only -v and --values-from go before it.
 */
value?: (string | number | boolean | unknown[] | null)
/**
 * The value when nothing else gives one.
 */
default?: (string | number | boolean | unknown[] | null)
/**
 * A missing value is a mistake.
 */
required?: boolean
/**
 * Name shown in questions. Default: the name of the variable.
 */
label?: string
/**
 * What it is for.
 */
description?: string
/**
 * Where the value is taken from, the first that has one: env prompt vault file random_string random_number random_uuid variable evaluate interpolate condition service_instances service_link certificates vault_cert_prompt.
 */
from?: (string | (string | {

})[] | {
[k: string]: unknown
})
/**
 * Where the value is put: `env: NAME` makes it known as $NAME, `vault: NAME` writes it to the vault.
 */
to?: (string | (string | {

})[] | {
[k: string]: unknown
})
/**
 * The variable is left without a value unless these hold; in a map also lt lte gt gte eq ne start_with end_with contain any_of.
 */
only_if?: (string | string[] | {
[k: string]: unknown
})
/**
 * The variable is left without a value when one of these holds.
 */
skip_if?: (string | string[] | {
[k: string]: unknown
})
/**
 * The values it may have.
 */
in?: unknown[]
/**
 * string: least number of characters.
 */
min_length?: number
/**
 * string: greatest number of characters.
 */
max_length?: number
/**
 * string, array: nothing but blanks counts as no value. Default: true for string.
 */
empty_is_nil?: boolean
/**
 * string: in capitals.
 */
upcase?: boolean
/**
 * string: in small letters.
 */
downcase?: boolean
/**
 * string: without blanks at both ends.
 */
strip?: boolean
/**
 * string: without the line end.
 */
chomp?: boolean
/**
 * string: with a capital.
 */
capitalize?: boolean
/**
 * string: as base64.
 */
encode_64?: boolean
/**
 * string: out of base64.
 */
decode_64?: boolean
/**
 * string: its digest in hexadecimal.
 */
hexdigest?: ("md5" | "sha1" | "sha256" | "sha384" | "sha512")
/**
 * string: false hides what is typed, and nothing more: the value is stored with the stack, unless it goes `to: {vault: NAME}`.
 */
echo?: boolean
/**
 * integer: least value.
 */
min?: number
/**
 * integer: greatest value.
 */
max?: number
/**
 * integer: no value counts as 0.
 */
nil_is_zero?: boolean
/**
 * boolean: the words that mean true.
 */
truthy?: unknown[]
/**
 * boolean: what no value means.
 */
nil_is?: boolean
/**
 * boolean: what an empty value means.
 */
blank_is?: boolean
/**
 * boolean: what it is written as.
 */
as?: ("boolean" | "integer" | "string")
/**
 * boolean: what true is written as.
 */
true?: (string | number | boolean | unknown[] | null)
/**
 * boolean: what false is written as.
 */
false?: (string | number | boolean | unknown[] | null)
/**
 * enum: the values to choose from: a list of values, a list of maps with value, label and description, or a map of values to descriptions.
 */
options?: (unknown[] | {

})
/**
 * enum: another value may be given.
 */
can_be_other?: boolean
/**
 * uri: the schemes it may have.
 */
schemes?: unknown[]
/**
 * array: what separates the items of a text; blanks beside it stay with the items.
 */
split?: string
/**
 * array: make a text of the items again, with this between them.
 */
join?: string
/**
 * array: in order.
 */
sort?: boolean
/**
 * array: each item once.
 */
uniq?: boolean
/**
 * array: without empty items.
 */
compact?: boolean
/**
 * array: the number of its items instead of the items.
 */
count?: boolean
}
/**
 * What runs: an image, how many instances of it, and how they are deployed.
 * 
 * This interface was referenced by `StackFile`'s JSON-Schema
 * via the `definition` "service".
 */
export interface Service {
/**
 * Image, with a tag or a digest; `:latest` is added when there is neither. Required, here or in what is extended.
 */
image?: string
/**
 * How `stack build` makes the image. A path to a folder with a Dockerfile, or its parts.
 */
build?: (string | {
/**
 * Folder that is sent to the builder, relative to the stack file.
 */
context: string
/**
 * Name of the Dockerfile inside the context.
 */
dockerfile?: string
/**
 * Build arguments: a list of NAME=VALUE, or a map; in a map, nothing means the value of the environment of whoever builds.
 */
args?: (string[] | {
[k: string]: string | number | boolean | null
})
})
/**
 * Takes over the keys of another service: of this file by its name, or of another file or stack. Keys written here win; `environment` is merged by name, `secrets` by secret, build `args` by name.
 */
extends?: (string | {
/**
 * Name of the service there.
 */
service: string
/**
 * Path, relative to this file.
 */
file?: string
/**
 * Name in a stack registry.
 */
stack?: string
})
/**
 * Command line, split into words as a shell does, or a list of the words. No shell runs it. Default: the image's own.
 */
command?: (string | [string, ...(string)[]])
/**
 * Entry point, split into words as a shell does, or a list of the words. No shell runs it. Default: the image's own.
 */
entrypoint?: (string | [string, ...(string)[]])
/**
 * Environment of the containers: a list of NAME=VALUE, or a map.
 */
environment?: (string[] | {
[k: string]: string | number | boolean | null
})
/**
 * Files with lines NAME=VALUE, relative to this file. `environment` wins over them, also that of what is extended; an earlier file over a later.
 */
env_file?: (string | string[])
/**
 * Number of instances; with strategy `daemon`, per node.
 */
instances?: number
/**
 * Keeps its data: an instance stays on its node, and is never started elsewhere while that node is only silent.
 */
stateful?: boolean
/**
 * Ports of the node that lead to the containers: `[IP:]NODE:CONTAINER[/tcp|udp]`, each one port or a range `FIRST-LAST`. Write quotes.
 */
ports?: string[]
/**
 * Services that this one needs: they must exist. Those of this file serve before it begins, and are replaced before it. Their names do not resolve inside containers yet. `SERVICE[:ALIAS]` of this file, or `STACK/SERVICE[:ALIAS]`.
 */
links?: ((string | {
/**
 * `service`, or `stack/service` of another stack.
 */
name: string
/**
 * Name inside the containers.
 */
alias?: string
})[] | null)
/**
 * As `links`, kept for files that have it; it has no effect.
 */
external_links?: ((string | {
/**
 * `service`, or `stack/service` of another stack.
 */
name: string
/**
 * Name inside the containers.
 */
alias?: string
})[] | null)
/**
 * Services of this file that are deployed before this one, which begins when they serve; the same as `links` without an alias.
 */
depends_on?: string[]
/**
 * `/path` (anonymous), `/on/node:/path[:flags]`, or `NAME:/path[:flags]` of a volume listed under `volumes`.
 */
volumes?: string[]
/**
 * Services whose volumes are mounted too; `%s` is the number of the instance.
 */
volumes_from?: string[]
/**
 * Paths in memory, `PATH[:options]`; one or a list.
 */
tmpfs?: (string | string[])
/**
 * Where instances may or should run: `node|service|label|container`, `==` or `!=`, a value; `~` before the value makes it a wish. `%s` is the number of the instance.
 */
affinity?: string[]
/**
 * How instances are placed and replaced.
 */
deploy?: {
/**
 * `ha`: spread over nodes and availability zones; `daemon`: on every node; `random`: anywhere.
 */
strategy?: ("ha" | "daemon" | "random")
/**
 * Share of the instances, 0 to 1, that stay available while the others are replaced.
 */
min_health?: number
/**
 * TCP port of the container that must answer before an instance counts as started.
 */
wait_for_port?: number
/**
 * How long `wait_for_port` may take before the instance counts as failed. It goes on being asked, and serves when the port answers.
 */
wait_for_port_timeout?: (string | number)
/**
 * Replace the instances by their like this often, counted from when the last ones were all up; stateful ones are left alone. A number of seconds, or with min, h or d.
 */
interval?: (string | number)
/**
 * How long a silent node keeps its instances before they move. Default by strategy: ha 2 min, daemon 10 min, random 30 s.
 */
grace?: (string | number)
/**
 * `stop-first`, or `start-first` for services that may run twice for a moment; a stateful one may not.
 */
order?: ("stop-first" | "start-first")
/**
 * When an instance that replaced another ends or cannot begin: stop there, go back to the last revision that all instances ran well, or go on.
 */
on_failure?: ("pause" | "revert" | "continue")
/**
 * How long an instance that replaced another must stay up before the next one is replaced; a first deploy waits for nothing.
 */
settle?: (string | number)
/**
 * Room on a node.
 */
resources?: {
/**
 * What an instance is sure to have; a node without that room is not chosen.
 */
reservations?: {
/**
 * Cores. Where none are reserved, `cpus` counts as such.
 */
cpus?: number
/**
 * Memory. Bytes, or with k, m or g (1024 of the one before).
 */
memory?: string
}
}
}
/**
 * How it is found out whether an instance is healthy. Times in seconds. Default: as its image says with HEALTHCHECK, if it does.
 */
health_check?: {
/**
 * `http`: answers with status 200 to 399; `tcp`: takes a connection; `command`: ends with 0 in the container; `engine`: as the image says with HEALTHCHECK, which is also what counts where there is no `health_check`; `none`: not even that.
 */
protocol: ("http" | "tcp" | "command" | "engine" | "none")
/**
 * Port of the container; with http and tcp.
 */
port?: number
/**
 * Path that is asked for; with http.
 */
uri?: string
/**
 * Command line, split into words as a shell does, or a list of the words; with command.
 */
command?: (string | [string, ...(string)[]])
/**
 * Seconds one check may take, from the first byte to the last.
 */
timeout?: number
/**
 * Seconds from one check to the next; more than timeout.
 */
interval?: number
/**
 * Seconds from the start to the first check.
 */
initial_delay?: number
/**
 * Failed checks in a row that make an instance unhealthy.
 */
retries?: number
/**
 * Good checks in a row that make an instance healthy.
 */
successes?: number
/**
 * Whether an unhealthy instance is started again. If not, it is left running, and is out of names and balancers until it is healthy.
 */
restart?: boolean
}
/**
 * A health check by command, written as docker-compose does.
 */
healthcheck?: {
/**
 * Command line, run by a shell, or a list: CMD and words, CMD-SHELL and a line, NONE for no check, not even that of the image, or words alone.
 */
test: (string | [string, ...(string)[]])
/**
 * From one check to the next.
 */
interval?: (string | number)
/**
 * One check may take this long.
 */
timeout?: (string | number)
/**
 * From the start to the first check.
 */
start_period?: (string | number)
/**
 * Failed checks in a row that make an instance unhealthy.
 */
retries?: number
}
/**
 * Commands that are run around the life of an instance.
 */
hooks?: {
/**
 * On the machine that builds, before `stack build`.
 * 
 * Items: One command.
 */
pre_build?: {
/**
 * Name of the hook, shown in events and errors.
 */
name: string
/**
 * Command line, run by a shell, or a list of words, run as they are.
 */
cmd: (string | [string, ...(string)[]])
}[]
/**
 * In a container of its own, before the instance starts.
 * 
 * Items: One command.
 */
pre_start?: {
/**
 * Name of the hook, shown in events and errors.
 */
name: string
/**
 * Command line, run by a shell, or a list of words, run as they are.
 */
cmd: (string | [string, ...(string)[]])
/**
 * Numbers of the instances it is run for, separated by commas, or `*` for all.
 */
instances: (number | string)
/**
 * Run once in the life of the service for each number, wherever that instance comes to run. Known by its name, and done when it ends with 0.
 */
oneshot?: boolean
/**
 * How long it may take; then it is killed, and counts as failed.
 */
timeout?: (string | number)
}[]
/**
 * In the container, after it started.
 * 
 * Items: One command.
 */
post_start?: {
/**
 * Name of the hook, shown in events and errors.
 */
name: string
/**
 * Command line, run by a shell, or a list of words, run as they are.
 */
cmd: (string | [string, ...(string)[]])
/**
 * Numbers of the instances it is run for, separated by commas, or `*` for all.
 */
instances: (number | string)
/**
 * Run once in the life of the service for each number, wherever that instance comes to run. Known by its name, and done when it ends with 0.
 */
oneshot?: boolean
/**
 * How long it may take; then it is killed, and counts as failed.
 */
timeout?: (string | number)
}[]
/**
 * In the container, before it is stopped.
 * 
 * Items: One command.
 */
pre_stop?: {
/**
 * Name of the hook, shown in events and errors.
 */
name: string
/**
 * Command line, run by a shell, or a list of words, run as they are.
 */
cmd: (string | [string, ...(string)[]])
/**
 * Numbers of the instances it is run for, separated by commas, or `*` for all.
 */
instances: (number | string)
/**
 * Run once in the life of the service for each number, wherever that instance comes to run. Known by its name, and done when it ends with 0.
 */
oneshot?: boolean
/**
 * How long it may take; then it is killed, and counts as failed.
 */
timeout?: (string | number)
}[]
}
/**
 * Values from the vault.
 * 
 * Items: A value from the vault.
 */
secrets?: {
/**
 * Name in the vault.
 */
secret: string
/**
 * Name inside the containers.
 */
name: string
/**
 * `env`: a variable of the environment; `file`: the file /run/secrets/NAME.
 */
type: ("env" | "file")
}[]
/**
 * Certificates with their keys, from the vault. Of a balancer, the names that they are made out to are enough.
 */
certificates?: (string | {
/**
 * Name it is made out to.
 */
subject: string
/**
 * Name inside the containers.
 */
name: string
/**
 * As a variable of the environment.
 */
type: "env"
})[]
balancer?: Balancer
/**
 * `load-balancer`: it serves the services that link to it. One whose image is `kontena/lb` does so anyway.
 */
role?: "load-balancer"
load_balancer?: LoadBalancer
/**
 * `bridge`: a network of the container's own; `host`: the node's; `container:NAME-N`: that of instance N of a service of this stack on the same node, `%s` being the number of the instance itself.
 */
network_mode?: string
/**
 * As `network_mode`, as older files have it.
 */
net?: string
/**
 * `host`: sees the processes of the node.
 */
pid?: "host"
/**
 * May do all that the node's root may.
 */
privileged?: boolean
/**
 * The file system of the container cannot be written.
 */
read_only?: boolean
/**
 * Linux capabilities to add.
 */
cap_add?: string[]
/**
 * Linux capabilities to take away.
 */
cap_drop?: string[]
/**
 * Options of the engine's security modules.
 */
security_opt?: string[]
/**
 * Groups that the process is in too.
 */
group_add?: (string | number)[]
/**
 * Devices of the node, `HOST[:CONTAINER[:rwm]]`.
 */
devices?: string[]
/**
 * Kernel settings of the container.
 */
sysctls?: {
[k: string]: string | number | boolean
}
/**
 * Limits of the process: a number, or soft and hard.
 */
ulimits?: {
[k: string]: number | {
/**
 * Where a warning begins.
 */
soft: number
/**
 * What cannot be passed.
 */
hard: number
}
}
/**
 * User, and group, of the process: `USER[:GROUP]`. Write quotes around a number.
 */
user?: string
/**
 * Folder the process starts in. Default: the image's own.
 */
working_dir?: string
/**
 * Host name inside the containers. Default: the name of the instance.
 */
hostname?: string
/**
 * More lines of /etc/hosts: a list of `NAME:ADDRESS`, or a map.
 */
extra_hosts?: (string[] | {
[k: string]: string
})
/**
 * Name servers that are asked instead of the node's; one or a list.
 */
dns?: (string | string[])
/**
 * A small init as process 1, which passes signals on and collects orphans.
 */
init?: boolean
/**
 * Labels of the containers: a list of NAME=VALUE, or a map.
 */
labels?: (string[] | {
[k: string]: string | number | boolean | null
})
/**
 * Memory an instance may use; beyond it the process is killed. Bytes, or with k, m or g (1024 of the one before).
 */
mem_limit?: string
/**
 * Memory and swap together; -1 is without limit. Bytes, or with k, m or g.
 */
memswap_limit?: (string | number)
/**
 * @deprecated
 * A misspelling of memswap_limit that files may hold; it has no effect.
 */
mem_swaplimit?: (string | number)
/**
 * Memory an instance is sure to have. Bytes, or with k, m or g (1024 of the one before).
 */
mem_reservation?: string
/**
 * Size of /dev/shm. Bytes, or with k, m or g (1024 of the one before).
 */
shm_size?: string
/**
 * Cores an instance may use.
 */
cpus?: number
/**
 * Share of the processor relative to others when it is short.
 */
cpu_shares?: number
/**
 * OCI runtime of the engine.
 */
runtime?: string
/**
 * Number of GPUs, or `all`.
 */
gpus?: (number | string)
/**
 * Where the output goes.
 */
logging?: {
/**
 * Log driver of the engine.
 */
driver?: string
/**
 * Options of the driver.
 */
options?: {
[k: string]: string | number | boolean
}
}
/**
 * Signal that asks the process to stop.
 */
stop_signal?: (string | number)
/**
 * How long the process has between the stop signal and the kill: hours, minutes and seconds.
 */
stop_grace_period?: string
/**
 * As `stop_grace_period`: a number of seconds, or text like 30s.
 */
stop_timeout?: (string | number)
/**
 * The service is left out unless these variables have a value that is not false; of a map, unless each equals.
 */
only_if?: (string | string[] | {
[k: string]: unknown
})
/**
 * The service is left out when one of these variables has a value that is not false; of a map, when one equals.
 */
skip_if?: (string | string[] | {
[k: string]: unknown
})
}
/**
 * How the balancers that it links to serve it; its keys stand under The load balancer.
 * 
 * This interface was referenced by `StackFile`'s JSON-Schema
 * via the `definition` "balancer".
 */
export interface Balancer {
/**
 * Hosts that requests ask for; `*.example.com` is every name below it. With mode `tcp` and `tls`, what clients name by SNI. Default: all.
 */
host?: (string | [string, ...(string)[]])
/**
 * What the path of a request begins with. Default: all of the hosts named, and `/` where none is.
 */
path?: (string | [string, ...(string)[]])
/**
 * Instances are asked for the whole path; otherwise for what follows `path`.
 */
keep_path?: boolean
/**
 * Port that the service listens on, inside its containers.
 */
port: number
/**
 * `http`, or `tcp` for all else.
 */
mode?: ("http" | "tcp")
/**
 * Where the balancer listens; with mode `tcp`.
 */
external_port?: number
/**
 * With mode `http`, `auto`: each host gets a certificate of an authority by itself, and another before it ends. With mode `tcp`: the balancer opens TLS with its certificates (`terminate`), or hands it on as it is (`passthrough`); services may share a port then, and are told apart by `host`.
 */
tls?: ("auto" | "terminate" | "passthrough")
/**
 * Share of the requests, 0 to 256, among services with the same `host` and `path`, all of which say one. Default: it has them alone.
 */
weight?: number
/**
 * Which instance is next, as HAProxy calls it.
 */
balance?: string
/**
 * Sends a client to the instance that it had before: by a cookie of the balancer (`true`, or its name), or by one of the application.
 */
cookie?: (boolean | string | {
/**
 * Its name.
 */
name: string
/**
 * `insert`: the balancer's own; `prefix`, `rewrite`: the application's, which the balancer puts its mark before, or in place of.
 */
mode?: ("insert" | "prefix" | "rewrite")
/**
 * As HAProxy calls them.
 */
options?: string[]
})
/**
 * Who may in: name of the secret whose lines say so, `user NAME password HASH` or `user NAME insecure-password WORD`, as in HAProxy's userlist; or these lines as `users`, for all to read.
 */
basic_auth?: (string | {
/**
 * Lines of HAProxy's userlist.
 */
users: string
})
/**
 * How balancers ask instances whether they are well. Default: as `health_check` with protocol http says, and else whether the port opens.
 */
check?: {
/**
 * Path that must be answered with a status from 200 to 399.
 */
uri?: string
/**
 * Port of the container, when it is another than that of the route.
 */
port?: number
/**
 * From one check to the next.
 */
interval?: (string | number)
}
/**
 * What the balancer speaks to the instances; `h2` is HTTP/2 without TLS, as gRPC wants it.
 */
protocol?: ("http/1.1" | "h2")
/**
 * Tells instances the client's address by the PROXY protocol, in this version.
 */
send_proxy?: ("v1" | "v2")
/**
 * Requests without TLS are sent to https.
 */
redirect_to_https?: boolean
/**
 * Tells browsers to come by https only: `true` for a year, or in parts.
 */
hsts?: (boolean | {
/**
 * For how long.
 */
max_age?: (string | number)
/**
 * And names below this one.
 */
include_subdomains?: boolean
/**
 * Browsers may know it beforehand.
 */
preload?: boolean
})
/**
 * How long who is waited for.
 */
timeouts?: {
/**
 * Until an instance accepts.
 */
connect?: (string | number)
/**
 * Until an instance says something.
 */
server?: (string | number)
/**
 * Until a client does; with mode `tcp`. Those of http are `load_balancer`'s.
 */
client?: (string | number)
/**
 * For a free place.
 */
queue?: (string | number)
/**
 * In a WebSocket, or another tunnel, in which nobody says anything.
 */
tunnel?: (string | number)
}
/**
 * Of each client, by its address. Beyond them it is answered 429, or not let in with mode `tcp`.
 */
limits?: {
/**
 * Requests in a second.
 */
requests_per_second?: number
/**
 * Connections at a time.
 */
connections?: number
}
/**
 * Nobody is sent to the instances: everyone gets a page with status 503, `true` for a plain one, or this HTML.
 */
maintenance?: (boolean | string)
/**
 * HTML by status: 400, 403, 408, 429, 500, 502, 503 or 504.
 */
error_pages?: {
[k: string]: string
}
/**
 * Compresses answers: `true` for text, or the types of content.
 */
compression?: (boolean | [string, ...(string)[]])
/**
 * What is open with an instance that is to stop has so long to end, and then it stops all the same.
 */
drain_time?: (string | number)
/**
 * Lines for the backend in HAProxy's own words; one that HAProxy refuses keeps this service from being served, and no other.
 */
custom_settings?: (string | string[])
}
/**
 * Of a balancer (image `kontena/lb`, or `role: load-balancer`): how it serves, whatever it serves; its keys stand under The load balancer. Its certificates are those under `certificates`, and secrets that are called `SSL_CERTS` or `SSL_CERT_…`.
 * 
 * This interface was referenced by `StackFile`'s JSON-Schema
 * via the `definition` "load_balancer".
 */
export interface LoadBalancer {
/**
 * Where it listens for http, inside its container.
 */
http_port?: number
/**
 * Where it listens for https, once it has a certificate.
 */
https_port?: number
/**
 * Path that it answers itself, with 200.
 */
health_uri?: string
/**
 * The page of statistics.
 */
stats?: {
/**
 * Where it is.
 */
port?: number
/**
 * Who may look.
 */
user?: string
/**
 * Name of the secret that holds the password. Default: one is drawn by lot, and stands in the log.
 */
password?: string
}
/**
 * Whoever connects tells the client's address by the PROXY protocol.
 */
accept_proxy?: boolean
/**
 * Offered to clients that come by https.
 */
http2?: boolean
/**
 * Who issues the certificates of services that say `tls: auto`.
 */
acme?: {
/**
 * `letsencrypt`, `letsencrypt-staging`, or the address of another authority's directory.
 */
directory?: string
/**
 * Where the authority may write to.
 */
email?: string
}
/**
 * For TLS 1.2, in the words of OpenSSL. Default: those held good today.
 */
ciphers?: string
/**
 * Form of its lines: HAProxy's own, or one JSON object each.
 */
log?: ("http" | "json")
/**
 * Where its lines go, as HAProxy's `log` has it. Default: to `kontenactl logs`.
 */
syslog?: string
/**
 * How long who is waited for, unless a service says otherwise.
 */
timeouts?: {
/**
 * Until a client has said what it wants.
 */
request?: (string | number)
/**
 * Between two requests of one connection.
 */
keep_alive?: (string | number)
/**
 * Until an instance accepts.
 */
connect?: (string | number)
/**
 * Until an instance says something.
 */
server?: (string | number)
/**
 * Until a client does.
 */
client?: (string | number)
/**
 * For a free place.
 */
queue?: (string | number)
/**
 * In a WebSocket, or another tunnel, in which nobody says anything.
 */
tunnel?: (string | number)
}
/**
 * HTML by status, for what no service has a page of: 400, 403, 408, 429, 500, 502, 503 or 504.
 */
error_pages?: {
[k: string]: string
}
/**
 * What is open with the process before has so long to end, when HAProxy is started anew for a change.
 */
drain_time?: (string | number)
/**
 * Lines for HAProxy's `defaults`.
 */
custom_settings?: (string | string[])
/**
 * Lines for HAProxy's `global`.
 */
global_settings?: (string | string[])
}
/**
 * A volume that is declared apart from the stack, and outlives it.
 * 
 * This interface was referenced by `StackFile`'s JSON-Schema
 * via the `definition` "volume".
 */
export interface Volume {
/**
 * `true`: it has the same name; otherwise its name.
 */
external: (true | {
/**
 * Name of the volume.
 */
name: string
})
}
/**
 * A stack that is installed with this one.
 * 
 * This interface was referenced by `StackFile`'s JSON-Schema
 * via the `definition` "dependency".
 */
export interface Dependency {
/**
 * File, relative to this one, or a name in a stack registry.
 */
stack: string
/**
 * Values of its variables; nothing is put in the place of $NAME here.
 */
variables?: ({
[k: string]: unknown
} | null)
}
