/** Builds the pages into the folder that VIVA_PAGES_DIR names (`python -m local.pages` does), or into build/web. */

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";

import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const out = process.env["VIVA_PAGES_DIR"] ?? resolve(import.meta.dirname, "../build/web");

/** Puts `.gz` and `.br` beside each script and style, so that the server compresses nothing while it serves. */
function compressed(): Plugin {
  return {
    name: "viva-compressed",
    apply: "build",
    closeBundle() {
      const folder = join(out, "assets");
      for (const name of readdirSync(folder)) {
        if (!/\.(js|css)$/.test(name)) continue;
        const content = readFileSync(join(folder, name));
        writeFileSync(join(folder, `${name}.gz`), gzipSync(content, { level: 9 }));
        writeFileSync(join(folder, `${name}.br`), brotliCompressSync(content));
      }
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), compressed()],
  build: {
    outDir: out,
    emptyOutDir: true,
    manifest: true,
    chunkSizeWarningLimit: 700, // kB before compression; the room's, which is fetched while devices are tried out
    assetsInlineLimit: 0, // the content security policy allows no data: addresses
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: {
        interview: resolve(import.meta.dirname, "interview.html"),
        app: resolve(import.meta.dirname, "app.html"),
      },
    },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8000" } },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
  },
});
