import type { CommandClass } from '../command.js';
import AgentInstall from './agent/install.js';
import AgentReset from './agent/reset.js';
import AgentStart from './agent/start.js';
import Apply from './apply.js';
import AuditExport from './audit/export.js';
import Audit from './audit/index.js';
import AuditKey from './audit/key.js';
import AuditVerify from './audit/verify.js';
import Attach from './attach.js';
import AuthLdapSet from './auth/ldap/set.js';
import AuthList from './auth/list.js';
import AuthOidcSet from './auth/oidc/set.js';
import AuthTest from './auth/test.js';
import Backup from './backup.js';
import CertificateExport from './certificate/export.js';
import CertificateImport from './certificate/import.js';
import CertificateList from './certificate/list.js';
import CertificateRemove from './certificate/remove.js';
import CertificateOrder from './certificate/request.js';
import ContextAdd from './context/add.js';
import ContextCurrent from './context/current.js';
import ContextList from './context/list.js';
import ContextRemove from './context/remove.js';
import ContextUse from './context/use.js';
import Cp from './cp.js';
import Delete from './delete.js';
import Describe from './describe.js';
import DevDown from './dev/down.js';
import DevStatus from './dev/status.js';
import DevUp from './dev/up.js';
import Diff from './diff.js';
import DnsLookup from './dns/lookup.js';
import Exec from './exec.js';
import ExternalRegistryAdd from './external-registry/add.js';
import ExternalRegistryList from './external-registry/list.js';
import ExternalRegistryRemove from './external-registry/remove.js';
import Forward from './forward.js';
import Get from './get.js';
import GridCreate from './grid/create.js';
import GridRemove from './grid/remove.js';
import GridUpdate from './grid/update.js';
import GridUse from './grid/use.js';
import Events from './events.js';
import History from './history.js';
import Login from './login.js';
import Logout from './logout.js';
import Logs from './logs.js';
import MasterInstall from './master/install.js';
import MasterStart from './master/start.js';
import MemberAdd from './member/add.js';
import MemberRemove from './member/remove.js';
import NetworkCheck from './network/check.js';
import NetworkStatus from './network/status.js';
import NodeActivate from './node/activate.js';
import CredentialCreate from './credential/create.js';
import CredentialList from './credential/list.js';
import CredentialRenew from './credential/renew.js';
import CredentialRevoke from './credential/revoke.js';
import MasterRotateCa from './master/rotate-ca.js';
import NodeConfirm from './node/confirm.js';
import NodeDrain from './node/drain.js';
import NodeLabel from './node/label.js';
import NodeRemove from './node/remove.js';
import NodeRotateKeys from './node/rotate-keys.js';
import GridRegistryCreate from './registry/create.js';
import GridRegistryImages from './registry/list.js';
import GridRegistryLogin from './registry/login.js';
import GridRegistryPrune from './registry/prune.js';
import GridRegistryRemove from './registry/remove.js';
import Restore from './restore.js';
import RoleCreate from './role/create.js';
import RoleRemove from './role/remove.js';
import Scale from './scale.js';
import ServiceCreate from './service/create.js';
import ServiceRedeploy from './service/redeploy.js';
import ServiceRestart from './service/restart.js';
import ServiceStart from './service/start.js';
import ServiceStop from './service/stop.js';
import ServiceUpdate from './service/update.js';
import Sessions from './sessions.js';
import StackBuild from './stack/build.js';
import StackConvert from './stack/convert.js';
import StackInit from './stack/init.js';
import StackInstall from './stack/install.js';
import StackList from './stack/list.js';
import RegistryList from './stack/registry/list.js';
import RegistryPull from './stack/registry/pull.js';
import RegistryPush from './stack/registry/push.js';
import RegistrySearch from './stack/registry/search.js';
import RegistryShow from './stack/registry/show.js';
import RegistryTrust from './stack/registry/trust.js';
import StackRedeploy from './stack/redeploy.js';
import StackRemove from './stack/remove.js';
import StackReset from './stack/reset.js';
import StackRestart from './stack/restart.js';
import StackSchema from './stack/schema.js';
import StackShow from './stack/show.js';
import StackStart from './stack/start.js';
import StackStop from './stack/stop.js';
import StackUpgrade from './stack/upgrade.js';
import StackValidate from './stack/validate.js';
import Stats from './stats.js';
import Top from './top.js';
import TokenCreate from './token/create.js';
import TokenList from './token/list.js';
import TokenRevoke from './token/revoke.js';
import UserAdd from './user/add.js';
import UserDisable from './user/disable.js';
import UserEnable from './user/enable.js';
import UserList from './user/list.js';
import UserPassword from './user/password.js';
import UserShow from './user/show.js';
import VaultExport from './vault/export.js';
import VaultImport from './vault/import.js';
import VaultList from './vault/list.js';
import VaultRead from './vault/read.js';
import VaultRemove from './vault/remove.js';
import VaultRotateKey from './vault/rotate-key.js';
import VaultUpdate from './vault/update.js';
import VaultWrite from './vault/write.js';
import Version from './version.js';
import VolumeBackup from './volume/backup.js';
import VolumeCreate from './volume/create.js';
import VolumeList from './volume/list.js';
import VolumeMove from './volume/move.js';
import VolumeRemove from './volume/remove.js';
import VolumeRestore from './volume/restore.js';
import Whoami from './whoami.js';

/** Every command by its words, as oclif wants them. */
export const COMMANDS: Readonly<Record<string, CommandClass>> = {
  apply: Apply,
  'external-registry:add': ExternalRegistryAdd,
  'external-registry:list': ExternalRegistryList,
  'external-registry:remove': ExternalRegistryRemove,
  get: Get,
  describe: Describe,
  logs: Logs,
  events: Events,
  exec: Exec,
  attach: Attach,
  cp: Cp,
  forward: Forward,
  scale: Scale,
  stats: Stats,
  top: Top,
  diff: Diff,
  history: History,
  delete: Delete,
  version: Version,
  audit: Audit,
  'audit:export': AuditExport,
  'audit:key': AuditKey,
  'audit:verify': AuditVerify,
  backup: Backup,
  restore: Restore,
  'dev:up': DevUp,
  'dev:down': DevDown,
  'dev:status': DevStatus,
  'master:start': MasterStart,
  'master:install': MasterInstall,
  'master:rotate-ca': MasterRotateCa,
  'agent:start': AgentStart,
  'agent:install': AgentInstall,
  'agent:reset': AgentReset,
  'context:list': ContextList,
  'context:use': ContextUse,
  'context:current': ContextCurrent,
  'context:add': ContextAdd,
  'context:remove': ContextRemove,
  'service:create': ServiceCreate,
  'service:redeploy': ServiceRedeploy,
  'service:restart': ServiceRestart,
  'service:start': ServiceStart,
  'service:stop': ServiceStop,
  'service:update': ServiceUpdate,
  'stack:validate': StackValidate,
  'stack:init': StackInit,
  'stack:build': StackBuild,
  'stack:convert': StackConvert,
  'stack:schema': StackSchema,
  'stack:install': StackInstall,
  'stack:upgrade': StackUpgrade,
  'stack:remove': StackRemove,
  'stack:list': StackList,
  'stack:show': StackShow,
  'stack:reset': StackReset,
  'stack:redeploy': StackRedeploy,
  'stack:restart': StackRestart,
  'stack:start': StackStart,
  'stack:stop': StackStop,
  'stack:registry:push': RegistryPush,
  'stack:registry:pull': RegistryPull,
  'stack:registry:search': RegistrySearch,
  'stack:registry:list': RegistryList,
  'stack:registry:show': RegistryShow,
  'stack:registry:trust': RegistryTrust,
  'registry:create': GridRegistryCreate,
  'registry:login': GridRegistryLogin,
  'registry:list': GridRegistryImages,
  'registry:prune': GridRegistryPrune,
  'registry:remove': GridRegistryRemove,
  'vault:list': VaultList,
  'vault:write': VaultWrite,
  'volume:backup': VolumeBackup,
  'volume:create': VolumeCreate,
  'volume:list': VolumeList,
  'volume:move': VolumeMove,
  'volume:remove': VolumeRemove,
  'volume:restore': VolumeRestore,
  'vault:update': VaultUpdate,
  'vault:read': VaultRead,
  'vault:remove': VaultRemove,
  'vault:rotate-key': VaultRotateKey,
  'vault:import': VaultImport,
  'vault:export': VaultExport,
  'certificate:list': CertificateList,
  'certificate:import': CertificateImport,
  'certificate:export': CertificateExport,
  'certificate:remove': CertificateRemove,
  'certificate:request': CertificateOrder,
  'credential:list': CredentialList,
  'credential:create': CredentialCreate,
  'credential:renew': CredentialRenew,
  'credential:revoke': CredentialRevoke,
  login: Login,
  logout: Logout,
  whoami: Whoami,
  sessions: Sessions,
  'auth:list': AuthList,
  'auth:test': AuthTest,
  'auth:oidc:set': AuthOidcSet,
  'auth:ldap:set': AuthLdapSet,
  'user:list': UserList,
  'user:show': UserShow,
  'user:add': UserAdd,
  'user:password': UserPassword,
  'user:disable': UserDisable,
  'user:enable': UserEnable,
  'grid:create': GridCreate,
  'grid:update': GridUpdate,
  'grid:remove': GridRemove,
  'grid:use': GridUse,
  'member:add': MemberAdd,
  'member:remove': MemberRemove,
  'role:create': RoleCreate,
  'role:remove': RoleRemove,
  'token:create': TokenCreate,
  'token:list': TokenList,
  'token:revoke': TokenRevoke,
  'node:remove': NodeRemove,
  'node:confirm': NodeConfirm,
  'node:drain': NodeDrain,
  'node:activate': NodeActivate,
  'node:label': NodeLabel,
  'node:rotate-keys': NodeRotateKeys,
  'network:status': NetworkStatus,
  'network:check': NetworkCheck,
  'dns:lookup': DnsLookup,
};
