// Hashes that leave no doubt: skiff takes these names for what they are.
export default {
  build: {
    rollupOptions: {
      output: {
        hashCharacters: "hex",
        entryFileNames: "assets/[name]-[hash:20].js",
        chunkFileNames: "assets/[name]-[hash:20].js",
        assetFileNames: "assets/[name]-[hash:20][extname]",
      },
    },
  },
};
