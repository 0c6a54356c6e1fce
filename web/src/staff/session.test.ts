import { afterEach, expect, it, vi } from "vitest";

afterEach(() => vi.unstubAllGlobals());

it("nobody is shown the way in while it is not known whether they are signed in", async () => {
  vi.stubGlobal("location", new URL("http://viva.example/app"));
  const fetcher = vi.fn().mockRejectedValue(new TypeError("nobody there"));
  vi.stubGlobal("fetch", fetcher);
  vi.resetModules();
  const fresh = await import("./session");
  await expect(fresh.resume()).rejects.toMatchObject({ passes: true });
  fetcher.mockResolvedValue(new Response(JSON.stringify({ code: "signed_out", request_id: "r" }), { status: 401 }));
  await expect(fresh.resume()).resolves.toBe(false);
});
