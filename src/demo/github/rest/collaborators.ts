import { findAccount, permissionOf } from '../accounts.ts';
import { accountShape } from '../shapes/account.ts';
import { ApiError } from './errors.ts';
import { repoRoute, type Route } from './routes.ts';

export const collaboratorRoutes: Route[] = [
  repoRoute('GET', '/collaborators/{username}/permission', 'metadata:read', ({ world, repo, params }) => {
    const account = findAccount(world, params['username'] ?? '');
    if (!account) throw new ApiError(404, `${params['username'] ?? ''} is not a user`);
    const permission = permissionOf(repo, account);
    const pull = permission !== 'none';
    const push = permission === 'admin' || permission === 'write';
    const admin = permission === 'admin';
    const user = { ...accountShape(world, account), permissions: { admin, maintain: admin, push, triage: push, pull }, role_name: permission };
    return { status: 200, body: { permission, role_name: permission, user } };
  }),
];
