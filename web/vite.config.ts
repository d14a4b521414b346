import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Where the development server finds the binary; the default is the address `trade-canvas serve` binds. */
const server = process.env.TRADE_CANVAS_URL ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  server: {
    proxy: {
      "/api": server,
      "/health": server,
      "/ws": { target: server, ws: true },
    },
  },
  build: {
    target: "es2022",
    assetsDir: "assets",
    chunkSizeWarningLimit: 900,
    reportCompressedSize: false,
    // The client is served from loopback: one request saved is worth less than one hash kept stable.
    modulePreload: { polyfill: false },
  },
  test: {
    environment: "node",
    include: ["src/**/*.test.{ts,tsx}", "tests/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    unstubGlobals: true,
  },
});
