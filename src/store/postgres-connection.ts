import type { ClientConfig } from 'pg';

/** How every connection to a server is made. */
export function connection(databaseUrl: string): ClientConfig {
  return { connectionString: databaseUrl, application_name: 'kosuke-preview', connectionTimeoutMillis: 10_000, keepAlive: true };
}
