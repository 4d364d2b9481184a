import { render, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { Prose } from './Prose';

describe('what people write for others', () => {
  it('shows LaTeX between dollars', async () => {
    const { container } = render(<Prose text="What is $x^2$?" />);
    await waitFor(() => expect(container.querySelector('.katex')).not.toBeNull());
  });

  it('shows HTML as text and no picture of elsewhere', async () => {
    const { container } = render(<Prose text={'**a** <b onclick="x()">tag</b> ![p](https://x.test/p.png)'} />);
    await waitFor(() => expect(container.querySelector('strong')).not.toBeNull());
    expect(container).toHaveTextContent('<b onclick="x()">tag</b>');
    expect(container.querySelector('b, img')).toBeNull();
  });

  it('follows no address that could run as a script, and opens others outside', async () => {
    const { container } = render(<Prose text={'[a](javascript:alert(1)) [b](https://b.test)\nnext line'} />);
    await waitFor(() => expect(container.querySelectorAll('a')).toHaveLength(2));
    const [script, page] = container.querySelectorAll('a');
    expect(script!.getAttribute('href')).toBe('');
    expect(page).toHaveAttribute('rel', expect.stringContaining('noopener'));
    expect(container.querySelector('br')).not.toBeNull();
  });

  it('shows what is plain at once', () => {
    render(<Prose text="Paris" />);
    expect(screen.getByText('Paris')).toBeInTheDocument();
  });
});
