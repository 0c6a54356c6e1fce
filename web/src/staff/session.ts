/** Who is signed in. The access token is in memory only; the cookie that renews it is out of the page's reach. */

import { useSyncExternalStore } from "react";

import { CallError } from "../api/calls";
import { createApi, refresh, type Schemas, type Session } from "../api/client";

export type Me = Schemas["MeAnswer"];

let token: string | null = null;
let ended = false;
const listeners = new Set<() => void>();

const session: Session = {
  token: () => token,
  keep(next) {
    if (next === null && token !== null) ended = true;
    token = next;
    for (const listener of listeners) listener();
  },
};

export const api = createApi("", session);
const plain = createApi("");

/** The state of the sign-in; a page that uses it is shown anew when it changes. */
export function useSignedIn(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => token !== null,
  );
}

export const wasEnded = () => ended;
export const accessToken = () => token;

/** Take up a sign-in that this browser has already. Throws where nobody answers: then it is not known whether there is one. */
export async function resume(): Promise<boolean> {
  if (token !== null) return true;
  let told = false;
  const keep = (next: string | null) => {
    told = true;
    session.keep(next);
  };
  await refresh(plain, { ...session, keep }).catch(() => null);
  if (!told) throw new CallError("offline", "", 0);
  return token !== null;
}

export function keepToken(next: string | null): void {
  if (next !== null) ended = false;
  session.keep(next);
  if (next === null) ended = false; // by one's own wish
}
