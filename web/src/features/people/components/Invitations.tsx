import { Badge, Button, Card, Group, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Empty } from '@/shared/components/Empty';
import { MoreButton } from '@/shared/components/MoreButton';
import { Resource } from '@/shared/components/Resource';
import { fullDateTime } from '@/shared/format';
import { useAction } from '@/shared/hooks/useAction';
import { useInvitationsInfiniteQuery, useResendInvitationMutation, useRevokeInvitationMutation } from '../api';

const COLOURS = { waiting: 'yellow', accepted: 'leaf', expired: 'gray', revoked: 'gray' };

export function Invitations() {
  const { t } = useTranslation('people');
  const query = useInvitationsInfiniteQuery();
  const [resend] = useResendInvitationMutation();
  const [revoke] = useRevokeInvitationMutation();
  const { run, busy } = useAction();
  return (
    <Card p={0}>
      <Resource query={query}>
        {({ pages }) => {
          const all = pages.flatMap((page) => page.items);
          if (all.length === 0) return <Empty title={t('noInvitations')} />;
          return (
            <>
              <Table.ScrollContainer minWidth={640}>
                <Table verticalSpacing="sm" horizontalSpacing="md">
                  <Table.Thead>
                    <Table.Tr>
                      <Table.Th>{t('name')}</Table.Th>
                      <Table.Th>{t('role')}</Table.Th>
                      <Table.Th>{t('status')}</Table.Th>
                      <Table.Th>{t('until')}</Table.Th>
                      <Table.Th aria-label={t('actions')} />
                    </Table.Tr>
                  </Table.Thead>
                  <Table.Tbody>
                    {all.map((one) => (
                      <Table.Tr key={one.id}>
                        <Table.Td>
                          <Text size="sm" fw={550}>
                            {one.name}
                          </Text>
                          <Text size="xs" c="dimmed">
                            {one.email}
                          </Text>
                        </Table.Td>
                        <Table.Td>{t(`role.${one.role}`, { ns: 'common' })}</Table.Td>
                        <Table.Td>
                          <Badge variant="light" color={COLOURS[one.status]}>
                            {t(`invitation.${one.status}`)}
                          </Badge>
                        </Table.Td>
                        <Table.Td>{fullDateTime(one.expires_at)}</Table.Td>
                        <Table.Td>
                          {(one.status === 'waiting' || one.status === 'expired') && (
                            <Group gap={4} justify="flex-end" wrap="nowrap">
                              <Button
                                size="compact-sm"
                                variant="subtle"
                                disabled={busy}
                                onClick={() => void run(() => resend(one.id).unwrap(), t('resent'))}
                              >
                                {t('resend')}
                              </Button>
                              <Button
                                size="compact-sm"
                                variant="subtle"
                                color="red"
                                disabled={busy}
                                onClick={() => void run(() => revoke(one.id).unwrap())}
                              >
                                {t('revoke')}
                              </Button>
                            </Group>
                          )}
                        </Table.Td>
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table>
              </Table.ScrollContainer>
              <MoreButton query={query} />
            </>
          );
        }}
      </Resource>
    </Card>
  );
}
