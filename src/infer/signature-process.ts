// Reads the signature of an ONNX file in a process of its own, which a hostile file may end.
import { InferenceSession, toMessage } from './onnx-session.js';
import type { Signature } from './onnx-signature.js';

process.once('message', (file: string) => void describe(file));
process.once('disconnect', () => process.exit());

async function describe(file: string): Promise<void> {
  try {
    // by its path, so that ONNX Runtime looks for weights that are kept beside it
    const session = await InferenceSession.create(file, { graphOptimizationLevel: 'disabled' });
    say({ inputs: toValues(session.inputMetadata), outputs: toValues(session.outputMetadata) });
  } catch (error) {
    say(toMessage(error));
  }
}

function toValues(found: readonly InferenceSession.ValueMetadata[]): Signature['inputs'] {
  return found.map((value) =>
    value.isTensor
      ? { name: value.name, type: value.type, shape: value.shape }
      : { name: value.name, type: 'no tensor', shape: [] },
  );
}

function say(answer: Signature | string): void {
  process.send?.(answer);
}
