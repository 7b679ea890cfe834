// `npm run demo`: installs, builds, tags the demo clip, prints the table and leaves the files in demo-out/.
import { build, run } from './setup.mjs';

build();
run(process.execPath, [
  'dist/src/cli/main.js',
  'tag',
  'demo/demo.mp4',
  '-o',
  'demo-out',
  '--fresh',
  '--table',
]);
process.stdout.write('\nto look at it: demo-out/report.html, in a browser\n');
