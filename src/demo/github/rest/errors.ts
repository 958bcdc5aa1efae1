import type { JsonObject } from '../types.ts';

/** An answer that refuses, in GitHub's words. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;
  readonly details: JsonObject;

  constructor(status: number, message: string, details: JsonObject = {}) {
    super(message);
    this.status = status;
    this.details = details;
  }
}

export const notFound = (): ApiError => new ApiError(404, 'Not Found');
export const forbidden = (): ApiError => new ApiError(403, 'Resource not accessible by integration');
export const badCredentials = (): ApiError => new ApiError(401, 'Bad credentials');
export const suspended = (): ApiError => new ApiError(403, 'This installation has been suspended');
export const invalid = (message: string): ApiError => new ApiError(422, message);

/** A rule about one field, as GitHub lists them under `errors`. */
export function invalidField(resource: string, field: string, message: string): ApiError {
  return new ApiError(422, 'Validation Failed', { errors: [{ resource, code: 'custom', field, message }] });
}
