import { ActionIcon, Button, Group, Input, Stack, TextInput } from '@mantine/core';
import { IconLink, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Link } from '../fields';

const MOST = 50;

interface Props {
  links: Link[];
  onChange: (links: Link[]) => void;
  errors: Record<string, string>;
}

/** Pages elsewhere: an address each, and what it is called. */
export function Links({ links, onChange, errors }: Props) {
  const { t } = useTranslation('assignments');
  const set = (index: number, change: Partial<Link>) =>
    onChange(links.map((link, at) => (at === index ? { ...link, ...change } : link)));
  return (
    <Input.Wrapper labelElement="div" label={t('form.links')}>
      <Stack gap="xs">
        {links.map((link, index) => (
          <Group key={index} gap="xs" wrap="nowrap" align="flex-start">
            <TextInput
              flex={2}
              type="url"
              maxLength={2000}
              aria-label={t('form.linkUrl', { number: index + 1 })}
              placeholder="https://"
              value={link.url}
              onChange={(event) => set(index, { url: event.currentTarget.value })}
              error={errors[`links.${index}.url`]}
            />
            <TextInput
              flex={1}
              maxLength={200}
              aria-label={t('form.linkTitle', { number: index + 1 })}
              placeholder={t('form.title')}
              value={link.title ?? ''}
              onChange={(event) => set(index, { title: event.currentTarget.value })}
              error={errors[`links.${index}.title`]}
            />
            <ActionIcon
              variant="subtle"
              color="red"
              size={36}
              aria-label={t('form.removeLink', { number: index + 1 })}
              onClick={() => onChange(links.filter((_, at) => at !== index))}
            >
              <IconTrash size={18} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        <Button
          variant="default"
          size="xs"
          w="fit-content"
          disabled={links.length >= MOST}
          leftSection={<IconLink size={16} aria-hidden />}
          onClick={() => onChange([...links, { url: '', title: null }])}
        >
          {t('form.addLink')}
        </Button>
      </Stack>
    </Input.Wrapper>
  );
}
