import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

const here = import.meta.dirname;

// The bundle lands in the Django app's static folder: WhiteNoise serves it, the wheel carries it, and
// django-vite reads manifest.json. The entries are the names templates give to vite_asset.
export default defineConfig({
  root: here,
  base: "/static/dist/",
  publicDir: false,
  css: {
    lightningcss: { errorRecovery: true }, // govuk-frontend ships an old-browser media query hack
    preprocessorOptions: {
      scss: { loadPaths: [here, resolve(here, "node_modules")], quietDeps: true },
    },
  },
  build: {
    manifest: "manifest.json",
    outDir: resolve(here, "../static/dist"),
    emptyOutDir: true,
    assetsInlineLimit: 0, // no data: addresses, so the content security policy stays narrow
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        app: resolve(here, "src/app.ts"),
        map: resolve(here, "src/map.ts"),
        styles: resolve(here, "src/styles/app.scss"),
        moj: resolve(here, "src/styles/moj.scss"),
      },
    },
  },
  test: { environment: "happy-dom", include: ["src/**/*.test.ts"] },
});
