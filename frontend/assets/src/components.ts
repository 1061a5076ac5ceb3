// Only the GOV.UK Frontend components that the templates use.
import {
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  Radios,
  ServiceNavigation,
  SkipLink,
} from "govuk-frontend";

const COMPONENTS = {
  "govuk-button": Button,
  "govuk-character-count": CharacterCount,
  "govuk-checkboxes": Checkboxes,
  "govuk-error-summary": ErrorSummary,
  "govuk-notification-banner": NotificationBanner,
  "govuk-password-input": PasswordInput,
  "govuk-radios": Radios,
  "govuk-service-navigation": ServiceNavigation,
  "govuk-skip-link": SkipLink,
};

type Root = Document | Element;

/** Start each component under root once; one that fails must not stop the others. */
export function startComponents(root: Root): void {
  for (const [name, Component] of Object.entries(COMPONENTS)) {
    for (const element of within(root, `[data-module="${name}"]:not([data-${name}-init])`)) {
      try {
        new Component(element);
      } catch (error) {
        console.warn(`${name} did not start`, error);
      }
    }
  }
}

/** Elements under root that match, root itself included. */
export function within<T extends Element = Element>(root: Root, selector: string): T[] {
  const found = [...root.querySelectorAll<T>(selector)];
  return root instanceof Element && root.matches(selector) ? [root as T, ...found] : found;
}
