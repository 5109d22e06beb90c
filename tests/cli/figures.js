// What is wrong with the pictures of a page, in a theme: run by tests/cli/pictures.rs.
// The word THEME is replaced.
(() => {
    const root = document.documentElement;
    root.classList.remove("light", "rust", "coal", "navy", "ayu");
    root.classList.add("THEME");
    // Some stand in the answer to a question.
    for (const folded of document.querySelectorAll("details:not(.run details)")) {
        folded.open = true;
    }
    const wrong = [];
    const shown = [];
    const wide = root.clientWidth;
    for (const figure of document.querySelectorAll("figure.run")) {
        const svg = figure.querySelector("svg");
        const frame = svg.getBoundingClientRect();
        shown.push(figure.id);
        const say = (text) => wrong.push(`${figure.id}: ${text}`);
        if (frame.left < 0 || frame.right > wide) say(`from ${frame.left} to ${frame.right} of ${wide}`);
        const scale = frame.width / svg.viewBox.baseVal.width;
        // The letters are smaller than their line: what is above and below them is empty.
        const texts = [...svg.querySelectorAll("text")].map((text) => {
            const { left, right, top, bottom } = text.getBoundingClientRect();
            const empty = (bottom - top) / 6;
            const own = text.previousElementSibling;
            return { text, own, left, right, top: top + empty, bottom: bottom - empty };
        });
        const meet = (one, other) =>
            Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1 &&
            Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 1;
        const plates = [...svg.querySelectorAll("rect.p")].map((plate) => {
            const { left, right, top, bottom } = plate.getBoundingClientRect();
            return { plate, left, right, top, bottom };
        });
        const ink = (element) => getComputedStyle(element).fill;
        const paper = getComputedStyle(root).backgroundColor;
        for (const [place, one] of texts.entries()) {
            const word = one.text.textContent;
            const within = one.left >= frame.left && one.right <= frame.right &&
                one.top >= frame.top && one.bottom <= frame.bottom;
            if (!within) say(`"${word}" is cut off`);
            const size = parseFloat(getComputedStyle(one.text).fontSize) * scale;
            if (size < 9) say(`"${word}" has ${size.toFixed(2)} pixels`);
            if (ink(one.text) === paper) say(`"${word}" is not to be seen`);
            for (const other of texts.slice(place + 1)) {
                if (meet(one, other)) say(`"${word}" lies over "${other.text.textContent}"`);
            }
            for (const other of plates) {
                const in_it = other.plate.nextElementSibling.textContent;
                if (other.plate === one.own) {
                    const fits = one.left >= other.left && one.right <= other.right;
                    if (!fits) say(`"${word}" is broader than its frame`);
                } else if (meet(one, other)) {
                    say(`"${word}" lies over the frame of "${in_it}"`);
                }
            }
        }
    }
    for (const plot of document.querySelectorAll("svg.plot")) {
        const name = plot.getAttribute("aria-label");
        const frame = plot.getBoundingClientRect();
        const scale = frame.width / plot.viewBox.baseVal.width;
        for (const text of plot.querySelectorAll("text")) {
            const word = text.textContent.trim();
            const { left, right } = text.getBoundingClientRect();
            if (left < frame.left || right > frame.right) wrong.push(`${name}: "${word}" is cut off`);
            const size = parseFloat(getComputedStyle(text).fontSize) * scale;
            if (size < 9) wrong.push(`${name}: "${word}" has ${size.toFixed(2)} pixels`);
        }
        // What is broader than the page can be moved.
        const moves = getComputedStyle(plot.parentElement).overflowX === "auto";
        if (frame.width > wide && !moves) wrong.push(`${name}: ${frame.width} of ${wide}`);
    }
    if (root.scrollWidth > wide) wrong.push(`the page is ${root.scrollWidth} broad, of ${wide}`);
    return { wrong, shown };
})()
