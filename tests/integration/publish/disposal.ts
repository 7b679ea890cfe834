// Node 20 gives Symbol.asyncDispose to its main context only; Jest runs tests in one of its own. To be imported first.
if (Reflect.get(Symbol, 'asyncDispose') === undefined)
  Reflect.defineProperty(Symbol, 'asyncDispose', { value: Symbol.for('nodejs.asyncDispose') });
