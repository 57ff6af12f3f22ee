// An OpenID provider for tests, made of oidc-provider alone: it shares no line with the client it tests.
//
//   node provider.mjs '{"port": 0, "clients": [...], "accounts": {...}, "resources": ["..."]}'
//
// writes one line of JSON, {"issuer": "http://127.0.0.1:PORT"}, and serves until its standard input ends.
// POST /test/rotate exchanges the signing key; POST /test/accounts exchanges the accounts and their claims.
import { generateKeyPairSync, randomUUID, webcrypto } from 'node:crypto';
import { createServer } from 'node:http';

// Node 18, which Debian 12 has, lacks two names that oidc-provider expects of newer ones.
globalThis.crypto ??= webcrypto;
URL.parse ??= (text, base) => (URL.canParse(text, base) ? new URL(text, base) : null);
const { default: Provider, interactionPolicy } = await import('oidc-provider');

const given = JSON.parse(process.argv[2]);
let accounts = new Map(Object.entries(given.accounts));

function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg: 'RS256', use: 'sig' };
}

function account(sub) {
  if (!accounts.has(sub)) return undefined;
  return { accountId: sub, claims: async () => ({ sub, ...accounts.get(sub) }) };
}

// One page that asks for a name: whoever is asked logs in and consents with one button.
const ask = (uid) => `<!doctype html><html lang="en"><title>Provider</title><h1>Test provider</h1>
<form method="post" action="/interaction/${uid}"><label>Account <input name="account" id="account"></label>
<button id="enter">Log in</button></form></html>`;

const leave = (form) => `<!doctype html><html lang="en"><title>Provider</title><h1>Leave?</h1>${form}
<button id="leave" type="submit" form="op.logoutForm" value="yes" name="logout">Log out</button></html>`;

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

function configuration(keys) {
  const policy = interactionPolicy.base();
  policy.remove('consent');
  return {
    jwks: { keys },
    clients: given.clients,
    cookies: { keys: ['a cookie key of tests'] },
    conformIdTokenClaims: false,
    claims: { openid: ['sub', 'preferred_username', 'roles', 'name', 'sid'] },
    findAccount: (context, sub) => account(sub),
    interactions: { policy, url: (context, interaction) => `/interaction/${interaction.uid}` },
    loadExistingGrant: async (context) => {
      const grant = new context.oidc.provider.Grant({
        clientId: context.oidc.client.clientId,
        accountId: context.oidc.session.accountId,
      });
      grant.addOIDCScope('openid');
      for (const resource of given.resources) grant.addResourceScope(resource, 'ttp');
      await grant.save();
      return grant;
    },
    // Its own way refuses to call this machine, where all of a test is.
    fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
    pkce: { required: () => true },
    extraTokenClaims: (context, token) => accounts.get(token.accountId) ?? {},
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context, form) => {
          context.body = leave(form);
        },
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => given.resources[0],
        useGrantedResource: () => true,
        getResourceServerInfo: (context, resource) => ({
          scope: 'ttp',
          audience: resource,
          accessTokenFormat: 'jwt',
          accessTokenTTL: given.seconds ?? 300,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  };
}

const server = createServer((request, response) => answer(request, response));
server.listen(given.port ?? 0, '127.0.0.1', () => start());
let provider;
let issuer;

function start() {
  issuer = `http://127.0.0.1:${server.address().port}`;
  provider = new Provider(issuer, configuration([signingKey()]));
  process.stdout.write(`${JSON.stringify({ issuer })}\n`);
}

async function answer(request, response) {
  const path = new URL(request.url, issuer).pathname;
  if (path === '/test/rotate') {
    provider = new Provider(issuer, configuration([signingKey()]));
    return response.end();
  }
  if (path === '/test/accounts') {
    accounts = new Map(Object.entries(JSON.parse(await body(request))));
    return response.end();
  }
  if (!path.startsWith('/interaction/')) return provider.callback()(request, response);
  if (request.method === 'GET') {
    response.setHeader('content-type', 'text/html');
    return response.end(ask(path.split('/')[2]));
  }
  const accountId = new URLSearchParams(await body(request)).get('account');
  return provider.interactionFinished(request, response, { login: { accountId } });
}

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
