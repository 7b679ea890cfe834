// Node 20 gives these to its main context only; Jest runs tests in one of its own. To be imported first.
for (const name of ['asyncDispose', 'dispose'])
  if (Reflect.get(Symbol, name) === undefined)
    Reflect.defineProperty(Symbol, name, { value: Symbol.for(`nodejs.${name}`) });

export {};
