import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';

/** The gRPC library writes to stderr by itself; what fails here is said once, in our own words. */
export const quieten = (): void => setLogVerbosity(logVerbosity.NONE);
