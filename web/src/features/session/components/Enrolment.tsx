import { Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Resource } from '@/shared/components/Resource';
import { useAction } from '@/shared/hooks/useAction';
import { useAppDispatch } from '@/shared/store';
import { useEnrolmentQuery } from '../api';
import { confirmEnrolment, load } from '../store';
import { FactorSetUp, RecoveryCodes } from './FactorSetUp';

/** The school wants a second factor of this person: set it up, then go in. */
export function Enrolment({ token }: { token: string }) {
  const { t } = useTranslation('session');
  const dispatch = useAppDispatch();
  const query = useEnrolmentQuery(token);
  const { run, busy, problem } = useAction({ quiet: true });
  const [codes, setCodes] = useState<string[]>([]);
  const confirm = (code: string) =>
    void run(async () => setCodes(await dispatch(confirmEnrolment({ enrolment_token: token, code })).unwrap()));
  return (
    <Stack>
      <Title order={1}>{t('factor.title')}</Title>
      <Text c="dimmed">{t('factor.wanted')}</Text>
      {codes.length > 0 ? (
        <RecoveryCodes codes={codes} onDone={() => void dispatch(load())} />
      ) : (
        <Resource query={query}>
          {(enrolment) => <FactorSetUp enrolment={enrolment} onCode={confirm} busy={busy} problem={problem} />}
        </Resource>
      )}
    </Stack>
  );
}
