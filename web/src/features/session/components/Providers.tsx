import { Button, Divider, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { expectSession } from '@/shared/api/tokens';
import { useSignInOptionsQuery } from '../api';
import { lastSchool } from '../lastSchool';

/** The school whose providers are offered: named by the link (`?school=`), else the one used here last. */
function useSchool(): string | null {
  const [query] = useSearchParams();
  return query.get('school') ?? lastSchool();
}

/** Sign in with the school's OpenID Connect providers, where it has some. */
export function Providers() {
  const { t } = useTranslation('session');
  const [query] = useSearchParams();
  const school = useSchool();
  const { data } = useSignInOptionsQuery(school ?? '', { skip: !school });
  if (!data?.providers.length) return null;
  const back = encodeURIComponent(query.get('return_to') ?? '/');
  return (
    <Stack gap="sm">
      <Divider label={t('or')} />
      {data.providers.map(({ id, name }) => (
        <Button
          key={id}
          component="a"
          variant="default"
          size="md"
          onClick={expectSession}
          href={`/api/auth/oidc/${id}/start?return_to=${back}`}
        >
          {t('signIn.with', { name })}
        </Button>
      ))}
    </Stack>
  );
}
