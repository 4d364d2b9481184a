/** The access token: in memory alone, renewed by the refresh cookie, one renewal in flight at a time. */
import { refusal, somebodyElse, unreachable } from './problem';

interface Token {
  value: string;
  renewAt: number;
}

const RENEW_BEFORE_MS = 45_000;

// The refresh cookie cannot be seen from here; without this hint a stranger's visit would begin with a refusal.
const HINT = 'homeroom.signed-in';

interface Claims {
  exp: number;
  sub: string;
  school: string;
  role: string;
}

let token: Token | null = null;
let renewal: Promise<string | null> | null = null;
let onLost: () => void = () => undefined;
let onSomebodyElse: () => void = () => undefined;

/** Keep what a sign-in answered. */
export function keepToken(tokens: { access_token: string; expires_in: number }): void {
  token = { value: tokens.access_token, renewAt: Date.now() + tokens.expires_in * 1000 - RENEW_BEFORE_MS };
  expectSession();
}

export function forgetToken(): void {
  token = null;
  localStorage.removeItem(HINT);
}

/** A session is there, or comes by a provider's sign-in: look for its cookie when the page starts. */
export const expectSession = () => localStorage.setItem(HINT, '1');

/** Called once a renewal says that nobody is signed in any more. */
export function whenSessionIsLost(react: () => void): void {
  onLost = react;
}

/** Called instead of taking a token that is of another person, school or role: another tab signed in. */
export function whenSomebodyElseIsSignedIn(react: () => void): void {
  onSomebodyElse = react;
}

/** What a token says of itself; null for what is none. */
export function claimsOf(value: string): Claims | null {
  try {
    return JSON.parse(atob(value.split('.')[1]!.replace(/-/g, '+').replace(/_/g, '/'))) as Claims;
  } catch {
    return null;
  }
}

/** Whose page this is: what is kept in the browser is kept for them alone. */
export const currentPerson = (): string => (token && claimsOf(token.value)?.sub) ?? '';

const whoIn = (value: string) => {
  const { sub, school, role } = claimsOf(value) ?? {};
  return [sub, school, role].join();
};

/** A token that holds for a while; null when nobody is signed in. Throws `unreachable` without a connection. */
export async function currentToken(): Promise<string | null> {
  if (token && Date.now() < token.renewAt) return token.value;
  return renewToken();
}

/** A new token whatever the present one says; several callers share one request. */
export function renewToken(): Promise<string | null> {
  renewal ??= askForToken().finally(() => {
    renewal = null;
  });
  return renewal;
}

async function askForToken(): Promise<string | null> {
  if (!localStorage.getItem(HINT)) return lost();
  const response = await fetch('/api/auth/refresh', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{}',
  }).catch(() => null);
  if (!response) throw unreachable();
  if (response.ok) {
    const fresh = (await response.json()) as { access_token: string; expires_in: number };
    if (token && whoIn(token.value) !== whoIn(fresh.access_token)) {
      onSomebodyElse();
      throw somebodyElse();
    }
    keepToken(fresh);
    return fresh.access_token;
  }
  if (response.status === 429 || response.status >= 500) throw await refusal(response);
  return lost();
}

function lost(): null {
  const wasSignedIn = token !== null;
  forgetToken();
  if (wasSignedIn) onLost();
  return null;
}
