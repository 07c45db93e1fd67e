// The page's policy forbids code made from text. zod would try that with its first schema, and the browser would report it;
// zod reads this setting when it is loaded, so it has to be there before anything that imports zod.
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });

void import('./main.tsx');
