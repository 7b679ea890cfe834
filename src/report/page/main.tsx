import { render } from 'preact';
import type { ReportData } from '../report-data.js';
import { followAddress } from './address.js';
import { App } from './app.js';
import { toSourceModels } from './report-model.js';
import { followTheme } from './theme.js';
import { followWheel } from './wheel-turn.js';
import './page.css';

const page = document.getElementById('page')!; // page.html has both
const data = JSON.parse(document.getElementById('data')!.textContent) as ReportData;

followTheme();
followAddress();
followWheel();
page.replaceChildren();
render(<App report={data} sources={toSourceModels(data)} />, page);
