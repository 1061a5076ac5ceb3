// Libraries that ship no types.
declare module "govuk-frontend" {
  type Component = new (root: Element, config?: object) => unknown;
  export const Button: Component;
  export const CharacterCount: Component;
  export const Checkboxes: Component;
  export const ErrorSummary: Component;
  export const NotificationBanner: Component;
  export const PasswordInput: Component;
  export const Radios: Component;
  export const ServiceNavigation: Component;
  export const SkipLink: Component;
  export function isSupported(): boolean;
}

declare module "accessible-autocomplete" {
  const accessibleAutocomplete: {
    enhanceSelectElement(options: Record<string, unknown> & { selectElement: HTMLSelectElement }): void;
  };
  export default accessibleAutocomplete;
}
