import { type sendUnaryData, type Server, type ServerDuplexStream, type ServerUnaryCall, type ServerWritableStream, status } from '@grpc/grpc-js';
import { type EmbeddedFile, FILES } from '../gen/descriptors.js';
import { HealthCheckResponse_ServingStatus, type HealthCheckRequest, type HealthCheckResponse, type HealthServer, HealthService } from '../gen/grpc/health/v1/health.js';
import {
  type ErrorResponse,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
  type ServerReflectionServer,
  ServerReflectionService,
} from '../gen/grpc/reflection/v1/reflection.js';
import { toStatus } from '../convert/errors.js';
import type { Guard } from './guard.js';

const FILE_BY_NAME = new Map(FILES.map((file) => [file.name, file]));
const FILE_BY_SYMBOL = new Map(FILES.flatMap((file) => file.symbols.map((symbol) => [symbol, file] as const)));
const SERVICES = FILES.flatMap((file) => file.services);

type Answer = NonNullable<ServerReflectionResponse['messageResponse']>;

/** The file asked for and all it builds on, so that one answer is enough. */
function withDependencies(file: EmbeddedFile, found = new Set<EmbeddedFile>()): ReadonlySet<EmbeddedFile> {
  if (found.has(file)) return found;
  found.add(file);
  for (const name of file.dependencies) {
    const dependency = FILE_BY_NAME.get(name);
    if (dependency !== undefined) withDependencies(dependency, found);
  }
  return found;
}

const refused = (errorCode: status, errorMessage: string): Answer => ({ $case: 'errorResponse', value: { errorCode, errorMessage } satisfies ErrorResponse });

function described(file: EmbeddedFile | undefined, asked: string): Answer {
  if (file === undefined) return refused(status.NOT_FOUND, `${asked} is not known here`);
  return { $case: 'fileDescriptorResponse', value: { fileDescriptorProto: [...withDependencies(file)].map(({ descriptor }) => Buffer.from(descriptor, 'base64')) } };
}

function answer({ messageRequest }: ServerReflectionRequest): Answer {
  switch (messageRequest?.$case) {
    case 'fileByFilename':
      return described(FILE_BY_NAME.get(messageRequest.value), messageRequest.value);
    case 'fileContainingSymbol':
      return described(FILE_BY_SYMBOL.get(messageRequest.value), messageRequest.value);
    case 'listServices':
      return { $case: 'listServicesResponse', value: { service: SERVICES.map((name) => ({ name })) } };
    case 'fileContainingExtension':
    case 'allExtensionNumbersOfType':
      return refused(status.NOT_FOUND, 'there are no extensions here');
    case undefined:
      return refused(status.INVALID_ARGUMENT, 'the request asks for nothing');
  }
}

function reflect(guard: Guard, call: ServerDuplexStream<ServerReflectionRequest, ServerReflectionResponse>): void {
  try {
    guard.anyone(call);
  } catch (error) {
    call.emit('error', toStatus(error));
    return;
  }
  call.on('data', (request: ServerReflectionRequest) => {
    call.write({ validHost: request.host, originalRequest: request, messageResponse: answer(request) });
  });
  call.on('end', () => call.end());
  call.on('error', () => undefined);
}

const reflectionOf = (guard: Guard): ServerReflectionServer => ({ serverReflectionInfo: (call) => reflect(guard, call) });

/** While the master listens, it serves. */
function healthOf(service: string): HealthCheckResponse | undefined {
  return service === '' || SERVICES.includes(service) ? { status: HealthCheckResponse_ServingStatus.SERVING } : undefined;
}

const healthServer = (guard: Guard): HealthServer => ({
  check: (call: ServerUnaryCall<HealthCheckRequest, HealthCheckResponse>, callback: sendUnaryData<HealthCheckResponse>) => {
    try {
      guard.anyone(call);
      const answered = healthOf(call.request.service);
      if (answered === undefined) callback({ code: status.NOT_FOUND, details: `there is no service ${call.request.service}` });
      else callback(null, answered);
    } catch (error) {
      callback(toStatus(error));
    }
  },
  watch: (call: ServerWritableStream<HealthCheckRequest, HealthCheckResponse>) => {
    try {
      guard.anyone(call);
      call.write(healthOf(call.request.service) ?? { status: HealthCheckResponse_ServingStatus.SERVICE_UNKNOWN });
    } catch (error) {
      call.emit('error', toStatus(error));
    }
  },
});

/** What lets any gRPC client use the master without our files: reflection, under its older name too, and the standard health service. */
export function addStandardServices(server: Server, guard: Guard): void {
  const older = { ...ServerReflectionService.serverReflectionInfo, path: '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo' };
  server.addService(ServerReflectionService, { ...reflectionOf(guard) });
  server.addService({ serverReflectionInfo: older }, { ...reflectionOf(guard) });
  server.addService(HealthService, { ...healthServer(guard) });
}
