import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import './app/i18n';
import { store } from './app/store';
import { resume, signedOut } from './features/session/store';
import { whenSessionIsLost, whenSomebodyElseIsSignedIn } from './shared/api/tokens';

whenSessionIsLost(() => store.dispatch(signedOut({ lost: true })));
whenSomebodyElseIsSignedIn(() => window.location.assign('/'));
void store.dispatch(resume());

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
